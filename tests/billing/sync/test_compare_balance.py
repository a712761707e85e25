"""The processor's balance is held against the books whenever its movements were read."""

import pytest

from billing.ledger.models import LedgerAccount
from billing.payouts.models import Cause, ProcessorBalance
from billing.providers.base import Kind
from billing.sync.models import RunEnd, RunKind
from tests.billing.sync.shop import Shop

pytestmark = pytest.mark.django_db


def search(shop: Shop) -> ProcessorBalance:
    """A search for what is missing, some minutes after whatever happened; what was found of the only currency."""
    look(shop)
    return ProcessorBalance.objects.get(account=shop.account)


def look(shop: Shop) -> None:
    shop.passes(minutes=5)
    assert shop.sync(RunKind.GAPS).end == RunEnd.COMPLETE


def held(shop: Shop) -> dict[str, int]:
    found = LedgerAccount.objects.filter(account=shop.account).values_list("code", "balance")
    return {code: balance for code, balance in found if code.startswith("processor_")}


def test_books_equal_the_processors_balance_once_its_movements_were_read(known: Shop):
    known.pay(2_000)
    known.pay(500, currency="usd")
    look(known)
    told = known.client.v1.balance.retrieve()
    rows = {row.currency: row for row in ProcessorBalance.objects.filter(account=known.account)}
    assert {code: row.pending for code, row in rows.items()} == {
        line.currency.upper(): line.amount for line in told.pending
    }
    assert all((row.cause, row.available_difference, row.pending_difference) == ("", 0, 0) for row in rows.values())
    assert rows["EUR"].compared_at <= known.now


def test_what_became_available_there_is_available_here(known: Shop):
    known.pay(2_000)
    before = search(known)
    assert before.pending > 0
    known.passes(days=3)
    after = search(known)
    assert (after.cause, after.pending) == ("", 0)
    assert held(known)["processor_pending"] == 0
    assert after.available == held(known)["processor_available"]


def test_a_movement_that_is_missing_is_a_difference_without_a_known_cause(known: Shop):
    known.pay(2_000)
    known.pay(3_000)
    known.passes(minutes=5)
    newest = known.client.v1.balance_transactions.list({"limit": 1}).data[0]
    # As if the older one had been read and lost.
    known.known_until(known.now, newest.id)
    row = search(known)
    assert (row.cause, row.our_pending, row.pending_difference) == (Cause.UNKNOWN, 0, row.pending)
    since = row.differs_since
    again = search(known)
    assert again.differs_since == since < again.compared_at
    known.sync(RunKind.BACKFILL)
    mended = search(known)
    assert (mended.cause, mended.differs_since) == ("", None)


def test_an_account_that_moves_meanwhile_is_compared_another_time(known: Shop):
    known.pay(2_000)
    run = known.sync(RunKind.GAPS)
    # What was made within the second may be unknown to the answer.
    assert (run.end, run.cursor["balance_tries"]) == (RunEnd.COMPLETE, 3)
    assert not ProcessorBalance.objects.filter(account=known.account).exists()
    assert search(known).cause == ""


def test_a_key_that_may_not_read_the_balance_ends_no_search(known: Shop):
    known.pay(2_000)
    known.breaks("error", "/v1/balance", status=403)
    known.passes(minutes=5)
    run = known.sync(RunKind.GAPS)
    assert run.end == RunEnd.COMPLETE
    assert "refused" in run.tally["balance"]
    assert known.rows(Kind.BALANCE_TRANSACTION).count() == 1
