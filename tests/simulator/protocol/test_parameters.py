"""Parameters are held to Stripe's own annotations, at every endpoint that there is."""

from typing import Any

import pytest

from simulator.endpoints import ENDPOINTS, Endpoint
from simulator.protocol.errors import StripeError
from simulator.protocol.parameters import check
from tests.simulator.worlds import World

WRONG = {"integer": "many", "boolean": "perhaps", "decimal": "much", "number": "much"}
EVERY = pytest.mark.parametrize("endpoint", ENDPOINTS.values(), ids=list(ENDPOINTS))


def request(world: World, endpoint: Endpoint, params: dict[str, Any]) -> dict[str, Any]:
    """The error of an endpoint whose path names objects that do not exist."""
    path = "/".join("none" if part.startswith("{") else part for part in endpoint.path.split("/"))
    answer = world.request(endpoint.method, path, params, key="sk_test_acme")
    assert answer.status == 400, (answer.status, answer.body)
    return answer.error


@EVERY
def test_an_unknown_parameter_is_refused(world: World, endpoint: Endpoint) -> None:
    error = request(world, endpoint, {"surprise": "x"})
    assert (error["code"], error["param"]) == ("parameter_unknown", "surprise")


@EVERY
def test_a_wrong_type_is_refused(world: World, endpoint: Endpoint) -> None:
    for name, kind in endpoint.shape.items():
        if isinstance(kind, str) and kind in WRONG:
            error = request(world, endpoint, {name.rstrip("!"): WRONG[kind]})
            assert error["param"] == name.rstrip("!")


@EVERY
def test_a_missing_parameter_is_named(world: World, endpoint: Endpoint) -> None:
    required = [name.rstrip("!") for name in endpoint.shape if name.endswith("!")]
    if required:
        error = request(world, endpoint, {})
        assert (error["code"], error["param"]) == ("parameter_missing", required[0])


@pytest.mark.parametrize(
    ("given", "kind", "value"),
    [
        ("12", "integer", 12),
        ("-3", "integer", -3),
        ("true", "boolean", True),
        ("0", "boolean", False),
        ("", "string", None),
        ("", {"empty": "integer"}, None),
        ({"0": "a", "1": "b"}, {"list": "string"}, ["a", "b"]),
        ({"10": "k", "9": "j"}, {"list": "string"}, ["j", "k"]),
        ("", {"list": "string"}, []),
        ({"a": "1", "b": ""}, {"map": "string"}, {"a": "1", "b": None}),
        ("card", ["card", "link"], "card"),
        ("5", {"any": [{"map": "integer"}, "integer"]}, 5),
        ({"gte": "5"}, {"any": [{"map": "integer"}, "integer"]}, {"gte": 5}),
    ],
)
def test_values_are_converted(given: Any, kind: Any, value: Any) -> None:
    assert check({"field": given}, {"field": kind}) == {"field": value}


@pytest.mark.parametrize(
    ("given", "kind", "code", "param"),
    [
        ("1.5", "integer", "parameter_invalid_integer", "field"),
        ("", "integer", "parameter_invalid_empty", "field"),
        ("", ["a", "b"], "parameter_invalid_empty", "field"),
        ("c", ["a", "b"], None, "field"),
        ("x", {"map": "string"}, None, "field"),
        ("x", {"list": "string"}, None, "field"),
        ({"a": "x"}, {"map": "integer"}, "parameter_invalid_integer", "field[a]"),
        ({"0": "x"}, {"list": "integer"}, "parameter_invalid_integer", "field[0]"),
        ({"x": "y"}, {"any": [{"map": "boolean"}, "integer"]}, None, "field[x]"),
    ],
)
def test_what_does_not_fit_is_named(given: Any, kind: Any, code: str | None, param: str) -> None:
    with pytest.raises(StripeError) as refused:
        check({"field": given}, {"field": kind})
    assert refused.value.param == param
    assert code is None or refused.value.code == code


def test_a_required_string_cannot_be_empty() -> None:
    with pytest.raises(StripeError) as refused:
        check({"currency": ""}, {"currency!": "string"})
    assert refused.value.code == "parameter_invalid_empty"
