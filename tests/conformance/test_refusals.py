"""Generated from the parameters of Stripe's package: whatever does not fit is refused with its code and its name.

For every endpoint an unknown parameter; for every typed parameter, inside hashes too, a value of another type; and
every required one left out.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from simulator import spec
from simulator.endpoints import ENDPOINTS
from simulator.engine import Engine
from tests.simulator.worlds import KEY, World

# A value that the type does not take, and the code of its refusal. Stripe gives none for hashes, lists and choices.
WRONG: dict[str, tuple[Any, str | None]] = {
    "boolean": ("maybe", "parameter_invalid_boolean"),
    "decimal": ("many", "parameter_invalid_decimal"),
    "integer": ("1.5", "parameter_invalid_integer"),
    "number": ("many", "parameter_invalid_decimal"),
    "string": ({"a": {"b": "c"}}, None),
}
FITS = {"string": "x", "integer": "1", "boolean": "true", "number": "1", "decimal": "1", "any": "x", "file": "x"}
# Deeper than this the same few shapes only come again.
DEPTH = 3


class Refused(NamedTuple):
    params: dict[str, Any]
    param: str
    code: str | None


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    engine = Engine(None)
    yield World(engine)
    engine.close()


@pytest.mark.parametrize("name", sorted(ENDPOINTS))
def test_what_does_not_fit_is_refused(name: str, world: World) -> None:
    endpoint = ENDPOINTS[name]
    path = re.sub(r"\{[^}]+\}", "x_1", endpoint.path)
    passed = []
    for case in unfit(endpoint.shape, DEPTH):
        answer = world.request(endpoint.method, path, case.params, key=KEY)
        error = answer.body.get("error", {})
        if (answer.status, error.get("param"), error.get("code")) != (400, case.param, case.code):
            passed.append((case, answer.status, error))
    assert passed == []


@pytest.mark.parametrize("name", sorted(ENDPOINTS))
def test_no_parameter_of_the_package_is_missing(name: str) -> None:
    endpoint = ENDPOINTS[name]
    known = {field.rstrip("!") for field in endpoint.shape}
    of_package = {field.rstrip("!") for field in spec.parameters(endpoint.method, endpoint.path) or {}}
    assert of_package <= known


def unfit(shape: dict[str, Any], depth: int) -> Iterator[Refused]:
    whole = fitting(shape)
    yield Refused(whole | {"surprise": "x"}, "surprise", "parameter_unknown")
    for field, kind in shape.items():
        name = field.rstrip("!")
        rest = {other: value for other, value in whole.items() if other != name}
        # What is sent as a form cannot say that a hash is empty.
        if field[-1] == "!" and (rest or depth == DEPTH):
            yield Refused(rest, name, "parameter_missing")
        found = wrong(kind)
        if found:
            yield Refused(whole | {name: found[0]}, name, found[1])
        hashed = kind.get("empty") if isinstance(kind, dict) else kind
        if depth > 1 and isinstance(hashed, str) and hashed.startswith("#"):
            for inner in unfit(spec.shape(hashed), depth - 1):
                head, *tail = inner.param.split("[", 1)
                param = "[".join([f"{name}[{head}]", *tail])
                yield Refused(whole | {name: inner.params}, param, inner.code)


def wrong(kind: Any) -> tuple[Any, str | None] | None:
    """None where every value fits, or where one of several types could be meant."""
    if isinstance(kind, str):
        return ("x", None) if kind.startswith("#") else WRONG.get(kind)
    if isinstance(kind, list):
        return "surprise", None
    if "empty" in kind:
        return wrong(kind["empty"])
    return None if "any" in kind else ("x", None)


def fitting(shape: dict[str, Any]) -> dict[str, Any]:
    """No more than what is required."""
    return {field[:-1]: fit(kind) for field, kind in shape.items() if field[-1] == "!"}


def fit(kind: Any) -> Any:
    if isinstance(kind, list):
        return kind[0]
    if isinstance(kind, str):
        return _hash(spec.shape(kind)) if kind.startswith("#") else FITS[kind]
    (name, inner), *_ = kind.items()
    match name:
        case "list":
            return [fit(inner)]
        case "map":
            return {"a": fit(inner)}
        case "any":
            return fit(inner[0])
        case _:
            return fit(inner)


def _hash(shape: dict[str, Any]) -> dict[str, Any]:
    """With something in it: what is sent as a form cannot say that a hash is empty."""
    first = next(iter(shape.items()), None)
    return fitting(shape) or ({first[0]: fit(first[1])} if first else {})
