"""Every event and example that others wrote is read or refused for a reason, and docs/versions.md says which."""

from collections import Counter
from pathlib import Path

import pytest

from billing.providers.stripe.objects import MIRRORED
from tests.billing.providers.versions import (
    EXAMPLES,
    Told,
    corpora,
    table,
    told_by_events,
    told_by_examples,
    unreadable,
)

pytestmark = pytest.mark.skipif(
    not corpora,
    reason="COUNTERFOIL_CORPORA names no folder of third-party data (stripe-sync-engine, stripe-ruby-mock, openapi)",
)
COUNT = 159
# Objects of mirrored kinds that are none of ours: a preview, and cards that receive payouts.
LEFT_ALONE = {"stripe-ruby-mock-events/invoice.upcoming"}


@pytest.fixture(scope="module")
def events() -> list[Told]:
    return told_by_events()


@pytest.fixture(scope="module")
def examples() -> list[Told]:
    return told_by_examples()


def test_every_event_is_read_refused_or_left_alone(events):
    assert len(events) == COUNT
    for item in events:
        mirrored = item.source.get("object") in MIRRORED and item.where not in LEFT_ALONE
        assert (item.seen is not None) == (mirrored and not item.refusal), item.where


def test_all_kinds_are_among_them(events):
    seen = Counter(type(item.seen).__name__ for item in events if item.seen is not None)
    assert seen == {
        "IntentObserved": 15,
        "ChargeObserved": 12,
        "CustomerObserved": 5,
        "PaymentMethodObserved": 9,
        "RefundObserved": 4,
        "DisputeObserved": 8,
        "WarningObserved": 2,
        "ReviewObserved": 2,
        "PayoutObserved": 7,
        "InvoiceObserved": 12,
        "AccountObserved": 1,
    }


def test_no_event_moves_money_that_its_object_does_not_show(events):
    for item in events:
        withdrawn = getattr(item.seen, "amount_withdrawn", 0)
        listed = item.source.get("balance_transactions") or []
        assert withdrawn == max(-sum(part["amount"] for part in listed), 0), item.where


def test_every_example_of_a_mirrored_kind_is_read(examples):
    names = {item.source.get("object") for item in examples if item.seen is not None}
    # No such transfer exists any more, and the examples of cards belong to nobody.
    assert names == set(MIRRORED) - {"transfer", "card", "source"}
    assert not [item.where for item in examples if item.refusal]
    for date in EXAMPLES:
        kinds = {item.where.partition("/")[2] for item in examples if item.seen is not None and date in item.where}
        assert {"dispute", "invoice", "deleted_customer", "deleted_invoice", "deleted_account"} <= kinds


def test_the_document_says_what_came_out_empty_and_what_is_unreadable(events, examples):
    document = Path("docs/versions.md").read_text()
    told = [*events, *examples]
    assert table(told) in document, "print it with: python -m tests.billing.providers.versions"
    assert unreadable(told) in document
