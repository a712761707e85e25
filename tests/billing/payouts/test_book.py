"""Movements and payouts come to entries of the books."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.ledger.chart import Code
from billing.ledger.models import EntryKind, JournalEntry, LedgerAccount, Posting
from billing.payouts.book import book_missing, book_movements, book_payouts, fact_of, facts_of, place_unknown
from billing.payouts.models import BalanceTransaction
from billing.payouts.verify import verify_books
from billing.providers.events import Booking
from tests.billing.deliveries import make_connection
from tests.portal.money import write_movement, write_payout

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
SOLD = datetime(2026, 11, 3, 10, tzinfo=UTC)


@pytest.fixture
def account():
    return make_connection()


def balances(account) -> dict[str, int]:
    found = LedgerAccount.objects.filter(account=account).exclude(balance=0)
    return dict(found.values_list("code", "balance"))


def book(*movements: BalanceTransaction) -> None:
    book_movements(movements)


def sale(account, **fields) -> BalanceTransaction:
    base = {"status": "pending", "created_at": SOLD, "available_on": SOLD + 2 * DAY}
    return write_movement(account, **{**base, **fields})


def test_a_sale_waits_at_the_processor_less_its_fee(account):
    book(sale(account))
    assert balances(account) == {Code.PENDING: 1941, Code.FEES: 59, Code.PAYMENTS: -2000}


def test_what_became_available_is_an_entry_of_the_day_on_which_it_did(account):
    movement = sale(account)
    book(movement)
    movement.status = "available"
    book(movement)
    assert balances(account) == {Code.AVAILABLE: 1941, Code.FEES: 59, Code.PAYMENTS: -2000}
    assert JournalEntry.objects.get(kind=EntryKind.AVAILABLE).occurred_at == SOLD + 2 * DAY


def test_what_was_read_late_is_booked_as_it_happened(account):
    movement = sale(account, status="available")
    book(movement)
    moments = dict(JournalEntry.objects.values_list("kind", "occurred_at"))
    assert moments == {EntryKind.BOOKED: SOLD, EntryKind.AVAILABLE: SOLD + 2 * DAY}
    assert set(Posting.objects.filter(ledger_account__code=Code.PENDING).values_list("amount", flat=True)) == {
        1941,
        -1941,
    }


def test_what_never_waited_was_never_pending(account):
    book(sale(account, status="available", available_on=SOLD))
    assert not LedgerAccount.objects.filter(code=Code.PENDING).exists()
    assert balances(account)[Code.AVAILABLE] == 1941


COUNTERPARTS = [
    ("refund", "refund", Code.REFUNDS, Code.FEES),
    ("refund", "partial_capture_reversal", Code.PAYMENTS, Code.FEES),
    ("adjustment", "dispute", Code.DISPUTES, Code.DISPUTE_FEES),
    ("adjustment", "dispute_reversal", Code.DISPUTES, Code.DISPUTE_FEES),
    ("adjustment", "other_adjustment", Code.ADJUSTMENTS, Code.FEES),
    ("stripe_fee", "fee", Code.FEES, Code.FEES),
    ("application_fee", "platform_earning", Code.EARNINGS, Code.FEES),
    ("payout", "payout", Code.IN_TRANSIT, Code.FEES),
    ("payout_minimum_balance_hold", "payout_minimum_balance_hold", Code.HELD, Code.FEES),
    ("topup", "topup", Code.TRANSFERS, Code.FEES),
    ("issuing_transaction", "issuing_transaction", Code.ISSUING, Code.FEES),
    ("a_new_type", "a_new_category", Code.SUSPENSE, Code.FEES),
]


@pytest.mark.parametrize(("type_", "category", "counterpart", "fees"), COUNTERPARTS)
def test_each_kind_of_movement_has_its_account(account, type_, category, counterpart, fees):
    book(write_movement(account, type=type_, reporting_category=category, amount=-1000, fee=15))
    expected = {Code.AVAILABLE: -1015, fees: 15}
    expected[counterpart] = expected.get(counterpart, 0) + 1000
    assert balances(account) == expected


def test_every_booking_has_an_account(account):
    for booking in Booking:
        book(write_movement(account, booking=booking.value))
    assert verify_books().findings == ()


def test_reserves_have_a_balance_of_their_own(account):
    held = {"reporting_category": "risk_reserved_funds", "type": "reserved_funds", "fee": 0}
    book(
        write_movement(account, amount=-300, balance_type="payments", **held),
        write_movement(account, amount=300, balance_type="risk_reserved", **held),
    )
    assert balances(account) == {Code.AVAILABLE: -300, Code.RESERVES: 300}


def test_figures_that_do_not_add_up_leave_their_rest_in_suspense(account):
    book(write_movement(account, amount=1000, fee=30, net=900))
    assert balances(account) == {Code.AVAILABLE: 900, Code.FEES: 30, Code.PAYMENTS: -1000, Code.SUSPENSE: 70}


def test_a_movement_that_is_placed_later_leaves_suspense(account):
    movement = write_movement(account, type="a_new_type")
    book(movement)
    assert balances(account)[Code.SUSPENSE] == -2000
    movement.booking = Booking.PAYMENT
    book(movement)
    assert Code.SUSPENSE not in balances(account)
    assert JournalEntry.objects.count() == 2


# --- Payouts ---
def pay_out(account, status="in_transit", **fields):
    movement = write_movement(account, type="payout", amount=-10_000, fee=0, created_at=SOLD)
    book(movement)
    return write_payout(
        account, balance_transaction_id=movement.external_id, provider_status=status, created_at=SOLD, **fields
    )


def test_a_payout_is_in_transit_until_the_bank_has_it(account):
    payout = pay_out(account, arrival_at=SOLD + DAY)
    book_payouts([payout])
    assert balances(account) == {Code.AVAILABLE: -10_000, Code.IN_TRANSIT: 10_000}
    payout.provider_status = "paid"
    book_payouts([payout])
    assert balances(account) == {Code.AVAILABLE: -10_000, Code.BANK: 10_000}
    assert JournalEntry.objects.get(kind=EntryKind.ARRIVED).occurred_at == SOLD + DAY


def test_a_payout_that_fails_after_it_was_paid_is_back_at_the_processor(account):
    payout = pay_out(account, "paid")
    book_payouts([payout])
    payout.provider_status = "failed"
    book_payouts([payout])
    book(write_movement(account, type="payout_failure", amount=10_000, fee=0))
    assert balances(account) == {}


def test_a_payout_whose_movement_nobody_named_is_not_booked(account):
    book_payouts([write_payout(account)])
    assert not JournalEntry.objects.exists()


# --- Movements from before there were books ---
def test_old_movements_are_booked_with_what_arrived_of_them(account):
    payout = pay_out(account, "paid")
    old = write_movement(account, booking="", type="refund", amount=-500, fee=0)
    paid = BalanceTransaction.objects.get(external_id=payout.balance_transaction_id)
    BalanceTransaction.objects.filter(pk=paid.pk).update(booking="")
    assert [finding for finding in verify_books().findings if "not in the books yet" in finding]
    assert book_missing() == 2
    old.refresh_from_db()
    assert old.booking == Booking.REFUND
    assert balances(account) == {Code.AVAILABLE: -10_500, Code.BANK: 10_000, Code.REFUNDS: 500}
    assert verify_books().findings == ()
    assert book_missing() == 0


def test_a_movement_of_which_a_later_version_knows_the_words_is_placed(account):
    movement = write_movement(account, type="charge", reporting_category="charge", booking=Booking.UNKNOWN)
    strange = write_movement(account, type="a_new_type")
    book(movement, strange)
    assert balances(account)[Code.SUSPENSE] == -4000
    assert place_unknown() == 1
    assert book_missing() == 1
    assert balances(account)[Code.SUSPENSE] == -2000
    assert verify_books().findings == ()


def test_more_old_movements_than_one_step_takes(account, monkeypatch):
    monkeypatch.setattr("billing.payouts.book._ROWS", 2)
    for _ in range(5):
        write_movement(account, booking="")
    assert book_missing() == 5


# --- What verifying finds ---
def test_a_movement_that_was_never_posted_is_found(account):
    movement = write_movement(account)
    [finding] = verify_books().findings
    assert movement.external_id in finding


def test_a_movement_that_says_something_else_by_now_is_found(account):
    movement = write_movement(account)
    book(movement)
    BalanceTransaction.objects.filter(pk=movement.pk).update(amount=2001, net=1942)
    assert len(verify_books().findings) == 1


def test_an_entry_of_nothing_that_moved_is_found(account):
    movement = write_movement(account)
    book(movement)
    BalanceTransaction.objects.filter(pk=movement.pk).delete()
    [finding] = verify_books().findings
    assert movement.external_id in finding


@pytest.mark.parametrize("kind", [EntryKind.BOOKED, EntryKind.AVAILABLE])
def test_a_movement_that_says_another_day_than_its_entry_is_found(account, kind):
    movement = sale(account, status="available")
    book(movement)
    assert verify_books().findings == ()
    fields = {"created_at": SOLD + DAY} if kind == EntryKind.BOOKED else {"available_on": SOLD + 3 * DAY}
    BalanceTransaction.objects.filter(pk=movement.pk).update(**fields)
    [finding] = verify_books().findings
    entry = JournalEntry.objects.get(kind=kind)
    assert finding.startswith(f"entry {entry.pk} tells of {movement.external_id} at ")


def test_a_payout_that_waits_for_its_movement_is_no_difference(account):
    write_payout(account, provider_status="paid", balance_transaction_id="")
    assert verify_books().findings == ()


def test_an_arrival_of_no_payout_is_found(account):
    payout = write_payout(account, balance_transaction_id="txn_nowhere")
    book_payouts([payout])
    assert verify_books().findings == ()
    payout.delete()
    [finding] = verify_books().findings
    assert "tells of txn_nowhere, which is no movement here" in finding


@pytest.mark.as_owner
def test_what_is_wrong_with_the_books_by_themselves_is_found_too(account):
    book(sale(account))
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE ledger_account DISABLE TRIGGER USER; UPDATE ledger_account SET balance = 7")
    [finding] = verify_books().findings
    assert "its postings come to" in finding


def test_a_payout_that_arrived_unseen_is_found(account):
    pay_out(account, "paid")
    [finding] = verify_books().findings
    assert "arrived" in finding


movements = st.fixed_dictionaries(
    {
        "booking": st.sampled_from([booking.value for booking in Booking]),
        "status": st.sampled_from(["pending", "available", "a_new_status"]),
        "balance_type": st.sampled_from(["", "payments", "risk_reserved", "issuing"]),
        "amount": st.integers(-(10**9), 10**9),
        "fee": st.integers(-(10**6), 10**6),
        "net": st.integers(-(10**9), 10**9),
        "available_on": st.sampled_from([None, SOLD - DAY, SOLD, SOLD + DAY]),
    }
)


@given(movements)
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whatever_a_movement_says_its_facts_balance_and_end_where_it_says(account, fields):
    movement = BalanceTransaction(account=account, external_id="txn", currency="EUR", created_at=SOLD, **fields)
    facts = facts_of(movement)
    assert [sum(amount for _, _, amount in fact.lines) for fact in facts] == [0, 0]
    places = {Code.PENDING, Code.AVAILABLE, Code.RESERVES, Code.OTHER_BALANCES}
    ends = {}
    for fact in facts:
        for code, _, amount in fact.lines:
            ends[code] = ends.get(code, 0) + amount
    assert sum(amount for code, amount in ends.items() if code in places) == movement.net
    if movement.is_of_payments and movement.status == "available":
        assert ends.get(Code.PENDING, 0) == 0


def test_a_payout_on_its_way_has_not_arrived(account):
    assert fact_of(write_payout(account, provider_status="in_transit")).lines == []
