from datetime import UTC, datetime

import pytest

from billing.providers.base import UnreadableObject
from billing.providers.stripe.objects import read, translate
from billing.providers.stripe.payouts import balance_transaction, payout
from tests.billing.providers.stripe_objects import BALANCE_TRANSACTION, PAYOUT, T0, event


def test_a_payout_of_today():
    seen = payout(PAYOUT)
    assert (seen.external_id, seen.amount, seen.currency, seen.automatic) == ("po_1", 91_250, "EUR", True)
    assert (seen.arrival_at, seen.destination_id) == (datetime.fromtimestamp(T0 + 86_400, UTC), "ba_1")
    assert (seen.trace_id, seen.reconciliation_status) == ("FTZ0001", "completed")
    assert (seen.failure_code, seen.failure_balance_transaction_id) == ("account_closed", "txn_7")


def test_a_payout_that_takes_money_is_negative():
    assert payout({**PAYOUT, "amount": -300}).amount == -300


@pytest.mark.parametrize(
    ("status", "known", "final"),
    [
        *(("pending", True, False), ("in_transit", True, False), ("paid", True, False)),
        *(("failed", True, True), ("canceled", True, True), ("lost_at_sea", False, False)),
    ],
)
def test_a_payout_that_was_paid_can_still_fail(status, known, final):
    seen = payout({**PAYOUT, "status": status})
    assert (seen.known, seen.final) == (known, final)


def test_ranks_follow_the_life_of_a_payout():
    def rank(status, reconciled="not_applicable", trace=None):
        return payout({**PAYOUT, "status": status, "reconciliation_status": reconciled, "trace_id": trace}).rank

    assert rank("pending", "completed", {"value": "x"}) < rank("in_transit") < rank("paid") < rank("failed")
    assert rank("failed") == rank("canceled")
    assert rank("paid") < rank("paid", "in_progress") < rank("paid", "completed")
    assert rank("paid", "completed") < rank("paid", "completed", {"value": "x"}) < rank("failed")


def test_every_event_of_a_payout_is_heard():
    for name in ("created", "updated", "paid", "failed", "canceled", "reconciliation_completed"):
        assert translate(event(f"payout.{name}", PAYOUT)) == payout(PAYOUT)


TRANSFER_OF_2017 = {
    "id": "tr_1",
    "object": "transfer",
    "amount": 6700,
    "balance_transaction": "txn_1",
    "bank_account": {"id": "ba_1", "object": "bank_account", "last4": "6789"},
    "created": T0,
    "currency": "usd",
    "date": T0 + 86_400,
    "description": "STRIPE TRANSFER",
    "destination": "ba_1",
    "method": "standard",
    "status": "paid",
    "type": "bank_account",
}


def test_a_transfer_of_before_april_2017_was_a_payout():
    seen = translate(event("transfer.paid", TRANSFER_OF_2017))
    assert seen is not None
    assert (seen.external_id, seen.amount, seen.status, seen.destination_id) == ("tr_1", 6700, "paid", "ba_1")
    assert seen.arrival_at == datetime.fromtimestamp(T0 + 86_400, UTC)
    assert seen.created_at == datetime.fromtimestamp(T0, UTC)


def test_the_oldest_transfers_have_one_date():
    names = ("id", "object", "amount", "currency", "date", "status")
    seen = read({name: TRANSFER_OF_2017[name] for name in names})
    assert seen is not None
    assert seen.created_at == seen.arrival_at == datetime.fromtimestamp(T0 + 86_400, UTC)


@pytest.mark.parametrize(
    "fields", [{"type": "stripe_account"}, {"destination": "acct_1"}, {"status": None}, {"status": "reversed"}]
)
def test_a_transfer_between_accounts_is_no_payout(fields):
    assert translate(event("transfer.created", {**TRANSFER_OF_2017, **fields})) is None


def test_a_balance_transaction_of_today():
    seen = balance_transaction(BALANCE_TRANSACTION)
    assert (seen.amount, seen.fee, seen.net, seen.currency) == (3811, 98, 3713, "GBP")
    assert (seen.exchange_rate, seen.reporting_category, seen.source_id) == ("0.90738", "charge", "ch_3Rt")
    assert seen.fee_details == (("stripe_fee", 98, "GBP", "Stripe processing fees"),)
    assert (seen.rank, seen.known) == (1, True)


def test_movements_may_be_negative():
    seen = balance_transaction({**BALANCE_TRANSACTION, "amount": -4200, "fee": -98, "net": -4102})
    assert (seen.amount, seen.fee, seen.net) == (-4200, -98, -4102)


def test_a_movement_becomes_available():
    def of(status):
        seen = balance_transaction({**BALANCE_TRANSACTION, "status": status})
        return seen.rank, seen.known

    assert [of("pending"), of("available"), of("frozen")] == [(0, True), (1, True), (0, False)]


def test_a_balance_transaction_of_2017_has_no_reporting_category():
    names = ("id", "object", "amount", "created", "currency", "fee", "type", "status")
    seen = balance_transaction({**{name: BALANCE_TRANSACTION[name] for name in names}, "source": {"id": "ch_1"}})
    assert (seen.reporting_category, seen.balance_type, seen.exchange_rate) == ("", "", "")
    assert (seen.net, seen.source_id, seen.available_on) == (3713, "ch_1", None)


def test_no_event_tells_of_a_balance_transaction():
    assert translate(event("balance.available", BALANCE_TRANSACTION)) is None


@pytest.mark.parametrize("name", ["id", "amount", "currency", "created"])
def test_without_these_neither_means_anything(name):
    for reader, source in ((payout, PAYOUT), (balance_transaction, BALANCE_TRANSACTION)):
        with pytest.raises(UnreadableObject):
            reader({key: value for key, value in source.items() if key != name})
