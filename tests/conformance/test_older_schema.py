"""The second schema is read rightly, and has teeth."""

from typing import Any

import pytest

from tests.conformance.key_sets import examples as current_examples
from tests.conformance.older_schema import GONE, GROWN, check, corpora, differences, examples

pytestmark = pytest.mark.skipif(not corpora, reason="COUNTERFOIL_CORPORA names no folder with stripe-openapi")
SAMPLES = (
    "charge",
    "payment_intent",
    "refund",
    "dispute",
    "payout",
    "balance_transaction",
    "invoice",
    "checkout.session",
)


def test_the_examples_of_its_version_are_valid_but_one() -> None:
    found = {name for name, doc in examples().items() if check(name)(doc, name)}
    assert (len(examples()), found) == (131, {"treasury.outbound_payment"})


@pytest.mark.parametrize("name", SAMPLES)
def test_a_value_of_another_type_is_found(name: str) -> None:
    doc = examples()[name]
    for field in [field for field, value in doc.items() if isinstance(value, bool | int)]:
        assert check(name)(doc | {field: "surprise"}, name), field


@pytest.mark.parametrize("name", SAMPLES)
def test_a_null_that_may_not_be_is_found(name: str) -> None:
    assert check(name)(examples()[name] | {"id": None}, name) == [f"{name}.id: None is no string"]


@pytest.mark.parametrize(("name", "field"), [("charge", "status"), ("payment_intent", "capture_method")])
def test_a_value_outside_an_enumeration_is_found(name: str, field: str) -> None:
    assert len(differences(examples()[name] | {field: "surprise"})) == 1


@pytest.mark.parametrize("field", sorted(GONE))
def test_what_counts_as_gone_is_gone(field: str) -> None:
    """In the example of today there is no such field, and there is its successor."""
    kind, *way, name = field.replace("[]", ".0").split(".")
    doc: Any = current_examples()[kind]
    for step in way:
        doc = doc[int(step)] if step.isdigit() else doc[step]
    assert name not in doc
    assert GONE[field] in doc or kind == "invoice"


@pytest.mark.parametrize("field", sorted(GROWN))
def test_what_counts_as_grown_has_a_known_part(field: str) -> None:
    kind, name = field.rsplit(".", 1)
    assert differences(examples()[kind] | {name: 1}) != []
