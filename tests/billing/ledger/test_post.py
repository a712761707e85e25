"""Facts come to entries that balance, once."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing import clock
from billing.ledger.chart import Code
from billing.ledger.models import EntryKind, JournalEntry, LedgerAccount, Posting
from billing.ledger.post import Fact, settle
from billing.ledger.verify import misfits
from tests.billing.deliveries import make_connection

pytestmark = pytest.mark.django_db

CHARGE = ((Code.PENDING, "EUR", 970), (Code.FEES, "EUR", 30), (Code.PAYMENTS, "EUR", -1000))
RELEASED = ((Code.AVAILABLE, "EUR", 970), (Code.FEES, "EUR", 30), (Code.PAYMENTS, "EUR", -1000))
ELSEWHERE = ((Code.BANK, "EUR", 1), (Code.SUSPENSE, "EUR", -1))


@pytest.fixture
def account():
    return make_connection()


def fact(account, source="txn_1", lines=CHARGE, kind=EntryKind.BOOKED) -> Fact:
    return Fact(account.pk, source, kind, clock.now(), lines)


def balances(account) -> dict[tuple[str, str], int]:
    found = LedgerAccount.objects.filter(account=account).exclude(balance=0)
    return {(code, currency): balance for code, currency, balance in found.values_list("code", "currency", "balance")}


def test_a_movement_is_one_entry_that_makes_the_balances(account):
    assert settle([fact(account)]) == 3
    assert JournalEntry.objects.get().revision == 1
    assert balances(account) == {(code, currency): amount for code, currency, amount in CHARGE}


def test_what_is_posted_is_not_posted_again(account):
    settle([fact(account)])
    assert settle([fact(account)]) == 0
    assert JournalEntry.objects.count() == 1


def test_what_changed_is_a_further_entry_with_the_difference(account):
    settle([fact(account)])
    assert settle([fact(account, lines=RELEASED)]) == 2
    second = JournalEntry.objects.get(revision=2)
    amounts = dict(second.postings.values_list("ledger_account__code", "amount"))
    assert amounts == {Code.PENDING: -970, Code.AVAILABLE: 970}
    assert balances(account) == {(code, currency): amount for code, currency, amount in RELEASED}


def test_a_fact_without_lines_takes_back_what_was_posted(account):
    settle([fact(account)])
    assert settle([fact(account, lines=())]) == 3
    assert balances(account) == {}
    assert JournalEntry.objects.count() == 2


def test_a_movement_of_nothing_is_no_entry(account):
    assert settle([fact(account, lines=())]) == 0
    assert not JournalEntry.objects.exists()


def test_lines_of_one_account_are_one_posting(account):
    split = ((Code.PENDING, "EUR", 600), (Code.PENDING, "EUR", 400), (Code.PAYMENTS, "EUR", -1000))
    assert settle([fact(account, lines=split)]) == 2
    assert balances(account) == {(Code.PENDING, "EUR"): 1000, (Code.PAYMENTS, "EUR"): -1000}


def test_connections_kinds_and_currencies_have_books_of_their_own(account):
    other = make_connection(account.merchant, livemode=True)
    yen = ((Code.BANK, "JPY", 5), (Code.IN_TRANSIT, "JPY", -5))
    settle([fact(account), fact(other), fact(account, lines=yen, kind=EntryKind.ARRIVED)])
    assert balances(other) == {(code, currency): amount for code, currency, amount in CHARGE}
    assert balances(account)[Code.BANK, "JPY"] == 5
    assert JournalEntry.objects.count() == 3


def test_an_exchange_balances_in_each_currency(account):
    exchange = (
        *((Code.AVAILABLE, "EUR", -100), (Code.ADJUSTMENTS, "EUR", 100)),
        *((Code.AVAILABLE, "USD", 108), (Code.ADJUSTMENTS, "USD", -108)),
    )
    assert settle([fact(account, lines=exchange)]) == 4
    assert list(misfits()) == []


@pytest.mark.parametrize(
    "lines",
    [
        ((Code.PENDING, "EUR", 970), (Code.PAYMENTS, "EUR", -1000)),
        ((Code.PENDING, "EUR", 1000), (Code.PAYMENTS, "USD", -1000)),
        ((Code.PENDING, "EUR", 1),),
    ],
)
def test_what_does_not_balance_is_refused_whole(account, lines):
    with pytest.raises(IntegrityError, match="does not balance"), transaction.atomic():
        settle([fact(account, "txn_good"), fact(account, lines=lines)])
    assert not JournalEntry.objects.exists()
    assert balances(account) == {}


def test_nothing_to_tell_asks_nobody(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert settle([]) == 0


def test_many_facts_take_one_statement(account, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert settle(fact(account, f"txn_{number}") for number in range(100)) == 300


amounts = st.integers(-(10**12), 10**12)
lines = st.lists(st.tuples(st.sampled_from(list(Code)), st.sampled_from(["EUR", "JPY", "KWD"]), amounts), max_size=6)


@given(st.lists(st.tuples(st.sampled_from(["txn_1", "txn_2", "txn_3"]), lines), max_size=6))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_balances_are_what_the_newest_facts_say(account, told):
    with transaction.atomic():
        newest = {}
        for source, drawn in told:
            sums = {}
            for _, currency, amount in drawn:
                sums[currency] = sums.get(currency, 0) + amount
            balanced = [*drawn, *((Code.SUSPENSE, currency, -rest) for currency, rest in sums.items())]
            newest[source] = balanced
            settle([fact(account, source, balanced)])
        expected = {}
        for balanced in newest.values():
            for code, currency, amount in balanced:
                expected[code, currency] = expected.get((code, currency), 0) + amount
        assert balances(account) == {key: amount for key, amount in expected.items() if amount}
        assert list(misfits()) == []
        transaction.set_rollback(True)


# --- What anybody may try ---
def execute(statement: str, *values: object) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


REFUSED = [
    "UPDATE posting SET amount = amount + 1",
    "DELETE FROM posting",
    "TRUNCATE posting",
    "UPDATE journal_entry SET source = 'txn_2'",
    "DELETE FROM journal_entry",
    "TRUNCATE journal_entry CASCADE",
    "UPDATE ledger_account SET balance = 0",
    "UPDATE ledger_account SET code = 'bank'",
    "DELETE FROM ledger_account",
    "TRUNCATE ledger_account CASCADE",
    """INSERT INTO posting (entry_id, ledger_account_id, amount, occurred_at)
       SELECT entry.id, place.id, 5, entry.occurred_at
         FROM journal_entry AS entry, ledger_account AS place
        WHERE source = 'txn_1' AND code = 'processor_available'""",
    # A pair that balances, added to what was posted before.
    """INSERT INTO posting (entry_id, ledger_account_id, amount, occurred_at)
       SELECT entry.id, place.id, amount, entry.occurred_at
         FROM journal_entry AS entry,
              ledger_account AS place JOIN (VALUES ('bank', 5), ('suspense', -5)) AS pair (code, amount) USING (code)
        WHERE source = 'txn_1'""",
    """INSERT INTO ledger_account (account_id, currency, code, balance)
       SELECT account_id, 'USD', 'bank', 100 FROM ledger_account LIMIT 1""",
]


@pytest.mark.as_owner
@pytest.mark.parametrize("statement", REFUSED)
def test_the_database_refuses_to_cook_the_books(account, statement):
    settle([fact(account), fact(account, "txn_2", RELEASED), fact(account, "txn_3", ELSEWHERE)])
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    before = balances(account)
    with pytest.raises(IntegrityError):
        execute(statement)
    assert balances(account) == before
    assert list(misfits()) == []


def test_postings_to_books_of_another_connection_are_refused(account):
    other = make_connection()
    settle([fact(account), fact(other)])
    theirs = dict(LedgerAccount.objects.filter(account=other).values_list("code", "pk"))
    entry = unposted(account)
    postings = [line(entry, theirs[Code.PENDING], 1), line(entry, theirs[Code.PAYMENTS], -1)]
    with pytest.raises(IntegrityError, match="another connection"), transaction.atomic():
        Posting.objects.bulk_create(postings)


def test_postings_at_another_time_than_their_entry_are_refused(account):
    settle([fact(account)])
    ours = dict(LedgerAccount.objects.values_list("code", "pk"))
    entry = unposted(account)
    postings = [line(entry, ours[Code.PENDING], 1), line(entry, ours[Code.PAYMENTS], -1)]
    postings[0].occurred_at += timedelta(seconds=1)
    with pytest.raises(IntegrityError, match="another time"), transaction.atomic():
        Posting.objects.bulk_create(postings)


def unposted(account) -> JournalEntry:
    at = clock.now() - timedelta(1)
    return JournalEntry.objects.create(
        account=account, source="txn_9", kind=EntryKind.BOOKED, revision=1, occurred_at=at
    )


def line(entry, place, amount) -> Posting:
    return Posting(entry=entry, ledger_account_id=place, amount=amount, occurred_at=entry.occurred_at)
