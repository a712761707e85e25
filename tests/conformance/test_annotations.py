"""The checks of the simulator's answers have teeth: shown on Stripe's own examples."""

import copy
from typing import Any

import pytest

from tests.conformance.annotations import problems
from tests.conformance.key_sets import corpora, examples, missing_keys

pytestmark = pytest.mark.skipif(not corpora, reason="COUNTERFOIL_CORPORA names no folder with stripe-openapi")

# What changed between the examples (August 2026) and the package's version (October 2026).
OUTDATED = {
    *("account_session", "billing_portal.configuration", "customer_session", "deleted_terminal.reader", "dispute"),
    *("event", "invoice", "issuing.settlement", "reserve.hold", "reserve.plan", "reserve.release"),
    *("sigma.sigma_api_query", "subscription_schedule", "terminal.refund"),
}
SAMPLES = ("charge", "payment_intent", "refund", "payout", "customer", "balance_transaction", "review", "product")


def test_the_examples_are_clean_but_for_what_changed() -> None:
    found = {name: problems(doc) for name, doc in examples().items()}
    assert {name for name, wrong in found.items() if wrong} == OUTDATED
    # The example of an event is current; the plan inside it is not.
    current = [name for name in found.keys() - OUTDATED | {"event"} if not name.startswith("deleted_")]
    assert (len(found), len(current)) == (176, 138)


@pytest.mark.parametrize("name", SAMPLES)
def test_an_unknown_field_is_found(name: str) -> None:
    assert problems(examples()[name] | {"surprise": 1}) == [f"{name}.surprise: unknown"]


@pytest.mark.parametrize("name", SAMPLES)
def test_a_lost_key_is_found(name: str) -> None:
    doc = examples()[name]
    for lost in doc.keys() - {"object"}:
        assert missing_keys({key: value for key, value in doc.items() if key != lost}) == [f"{name}.{lost}"]


@pytest.mark.parametrize("name", SAMPLES)
def test_values_of_another_type_are_found(name: str) -> None:
    changed = [(path, doc) for path, doc in _with_other_types(examples()[name])]
    missed = [path for path, doc in changed if not problems(doc)]
    assert len(changed) >= 2
    assert missed == []


@pytest.mark.parametrize(
    ("name", "field"),
    [("charge", "status"), ("payment_intent", "capture_method"), ("dispute", "status"), ("review", "opened_reason")],
)
def test_a_value_outside_an_enumeration_is_found(name: str, field: str) -> None:
    before = problems(examples()[name])
    assert len(problems(examples()[name] | {field: "surprise"})) == len(before) + 1


def _with_other_types(doc: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The example with one integer or boolean at a time written as text."""
    found = []
    for name, value in doc.items():
        if isinstance(value, int):
            found.append((name, copy.deepcopy(doc) | {name: str(value)}))
    return found
