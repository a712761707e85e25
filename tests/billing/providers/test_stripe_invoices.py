from datetime import UTC, datetime

import pytest

from billing.providers.base import UnreadableObject
from billing.providers.stripe.invoices import invoice
from billing.providers.stripe.objects import read, translate
from tests.billing.providers.stripe_objects import INVOICE, T0, event


def test_an_invoice_of_today():
    seen = invoice(INVOICE)
    assert (seen.external_id, seen.number, seen.customer_id) == ("in_1", "EE1DF78D-0001", "cus_7")
    assert (seen.subtotal, seen.tax, seen.total, seen.currency) == (4200, 840, 5040, "EUR")
    assert (seen.amount_due, seen.amount_paid, seen.amount_remaining) == (5040, 4000, 1040)
    assert (seen.finalized_at, seen.paid_at) == tuple(datetime.fromtimestamp(T0 + at, UTC) for at in (60, 90))
    assert seen.lines == (("Tent", 3, 4200, "EUR"),)


@pytest.mark.parametrize(
    ("status", "rank", "final", "known"),
    [
        *(("draft", 0, False, True), ("open", 10, False, True), ("uncollectible", 20, False, True)),
        *(("paid", 30, True, True), ("void", 30, True, True), ("overdue", 15, False, False)),
    ],
)
def test_ranks_follow_the_life_of_an_invoice(status, rank, final, known):
    seen = invoice({**INVOICE, "status": status})
    assert (seen.rank, seen.final, seen.known, seen.deleted) == (rank, final, known, False)


def test_a_deleted_draft_is_told_by_the_event():
    seen = translate(event("invoice.deleted", {**INVOICE, "status": "draft"}))
    assert seen is not None
    assert (seen.deleted, seen.final, seen.status, seen.total) == (True, True, "deleted", 5040)


def test_a_stub_is_a_deleted_invoice():
    seen = read({"id": "in_1", "object": "invoice", "deleted": True})
    assert seen is not None
    assert (seen.deleted, seen.final, seen.known, seen.total, seen.currency) == (True, True, True, 0, "")
    assert seen.created_at is None


def test_a_preview_is_no_invoice():
    preview = {key: value for key, value in INVOICE.items() if key != "id"}
    assert translate(event("invoice.upcoming", preview)) is None
    assert translate(event("invoice.upcoming", {**INVOICE, "id": "upcoming_in_1"})) is None
    assert translate(event("invoice_payment.paid", {**INVOICE, "object": "invoice_payment"})) is None


@pytest.mark.parametrize(
    ("fields", "tax"),
    [
        ({"total_taxes": [{"amount": 800}, {"amount": 40}]}, 840),
        ({"total_taxes": None, "total_tax_amounts": [{"amount": 40, "tax_rate": "txr_1"}]}, 40),
        ({"tax": 90, "total_tax_amounts": [{"amount": 40}]}, 90),
        ({"total_taxes": None}, 0),
    ],
)
def test_tax_has_stood_in_three_places(fields, tax):
    assert invoice({**INVOICE, **fields}).tax == tax


@pytest.mark.parametrize(
    ("flags", "status"),
    [
        ({"paid": True, "closed": True, "attempted": True}, "paid"),
        ({"paid": False, "closed": True, "forgiven": True}, "uncollectible"),
        ({"paid": False, "closed": True, "attempted": True}, "open"),
        ({"paid": False, "closed": False, "attempted": True}, "open"),
        ({"paid": False, "closed": False, "attempted": False, "billing": "send_invoice"}, "open"),
        ({"paid": False, "closed": False, "attempted": False, "billing": "charge_automatically"}, "draft"),
    ],
)
def test_an_invoice_of_2017_has_flags_and_no_status(flags, status):
    old = {
        "id": "in_1",
        "object": "invoice",
        "date": T0,
        "currency": "usd",
        "customer": "cus_7",
        "subtotal": 1000,
        "total": 1000,
        "amount_due": 900,
        "tax": None,
        "lines": {"object": "list", "data": [{"amount": 1000, "description": None}]},
    }
    seen = invoice({**old, **flags})
    assert (seen.status, seen.known) == (status, True)
    assert (seen.amount_paid, seen.amount_remaining) == ((900, 0) if status == "paid" else (0, 900))
    assert (seen.created_at, seen.lines) == (datetime.fromtimestamp(T0, UTC), (("", 1, 1000, "USD"),))


def test_credit_makes_totals_negative():
    seen = invoice({**INVOICE, "subtotal": -500, "total": -500, "amount_due": 0, "amount_paid": 0})
    assert (seen.subtotal, seen.total, seen.amount_due) == (-500, -500, 0)


@pytest.mark.parametrize("name", ["id", "total", "currency"])
def test_without_these_an_invoice_means_nothing(name):
    with pytest.raises(UnreadableObject):
        invoice({key: value for key, value in INVOICE.items() if key != name})
