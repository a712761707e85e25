"""Facts come to entries that balance, once."""

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing import clock
from billing.arrays import arrays
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
TELL = """
INSERT INTO ledger_facts (accounts, sources, kinds, moments, made_at,
                          line_facts, line_codes, line_currencies, line_amounts)
VALUES (%s::uuid[], %s::text[], %s::text[], %s::timestamptz[], now(), %s::int[], %s::text[], %s::text[], %s::bigint[])
"""
RIGHT = [("bank", 1), ("suspense", -1)]
OPENING = ((Code.BANK, "EUR", 3), (Code.SUSPENSE, "EUR", -2), (Code.FEES, "EUR", -1))


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


@pytest.mark.as_owner
@pytest.mark.parametrize("pair", [(5, -5), (5, -4)])
def test_entries_and_postings_come_through_the_door_alone(account, pair):
    settle([fact(account)])
    ours = list(LedgerAccount.objects.order_by("pk")[:2])
    with pytest.raises(IntegrityError, match="journal_entry is written by ledger_facts alone"), transaction.atomic():
        JournalEntry.objects.create(
            account=account, source="txn_9", kind=EntryKind.BOOKED, revision=1, occurred_at=clock.now()
        )
    entry = JournalEntry.objects.get()
    postings = [
        Posting(entry=entry, ledger_account=place, amount=amount, occurred_at=entry.occurred_at)
        for place, amount in zip(ours, pair, strict=True)
    ]
    with pytest.raises(IntegrityError, match="posting is written by ledger_facts alone"), transaction.atomic():
        Posting.objects.bulk_create(postings)


@pytest.mark.parametrize(
    "lines",
    [
        [("bank", 5), ("bank", 5), ("suspense", -10)],
        [("bank", 5), ("suspense", -4)],
        [("bank", 5), ("suspense", -5), ("fees", 0)],
        [("bank", 5), ("unheard_of", -5)],
        [("bank", 5), ("suspense", -5), ("fees", None)],
    ],
)
@pytest.mark.parametrize("told", [(0,), (0, 1)])
@pytest.mark.parametrize("open_before", [True, False])
def test_no_half_entry_comes_through_the_door(account, lines, told, open_before):
    if open_before:
        settle([fact(account, "txn_9", OPENING)])
    before = balances(account)
    facts = [(account.pk, f"txn_{number}", "booked", clock.now()) for number in told]
    rows = [(number + 1, code, "EUR", amount) for number in told for code, amount in (RIGHT if number else lines)]
    with pytest.raises(IntegrityError):
        execute(TELL, *arrays(facts), *arrays(rows))
    assert JournalEntry.objects.count() == open_before
    assert balances(account) == before


@pytest.mark.parametrize(("source", "kind"), [("", "booked"), ("txn_1", "unheard_of")])
def test_a_source_and_a_kind_that_nobody_knows_are_refused(account, source, kind):
    with pytest.raises(IntegrityError):
        settle([Fact(account.pk, source, kind, clock.now(), CHARGE)])


def test_an_account_that_is_not_open_yet_opens_beside_those_that_are(account):
    settle([fact(account)])
    lines = ((Code.PENDING, "EUR", 5), (Code.BANK, "EUR", -5))
    assert settle([fact(account, "txn_2", lines)]) == 2
    assert balances(account)[Code.BANK, "EUR"] == -5
    assert balances(account)[Code.PENDING, "EUR"] == 975
    assert list(misfits()) == []
