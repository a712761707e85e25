"""A figure of the books is the sum of its parts, and each part of its entries."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.ledger.chart import Code
from billing.ledger.explain import Figure, entries_of, parts_of, shares_of
from billing.ledger.models import EntryKind, LedgerAccount, Posting
from billing.ledger.post import Fact, settle
from tests.billing.deliveries import make_connection

pytestmark = pytest.mark.django_db

FIRST = datetime(2026, 11, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
SALE = ((Code.PENDING, "EUR", 970), (Code.FEES, "EUR", 30), (Code.PAYMENTS, "EUR", -1000))
FREED = ((Code.PENDING, "EUR", -970), (Code.AVAILABLE, "EUR", 970))


@pytest.fixture
def account():
    return make_connection()


def tell(account, source, lines, *, kind=EntryKind.BOOKED, after=timedelta()):
    settle([Fact(account.pk, source, kind, FIRST + after, lines)])


def figure(account, *codes, currency="EUR", **period) -> Figure:
    places = LedgerAccount.objects.filter(account=account, currency=currency, code__in=codes)
    return Figure(list(places.values_list("pk", flat=True)), currency, **period)


def amount_of(found: Figure) -> int:
    postings = Posting.objects.filter(ledger_account__in=found.places)
    if found.since:
        postings = postings.filter(occurred_at__gte=found.since)
    if found.until:
        postings = postings.filter(occurred_at__lt=found.until)
    return sum(postings.values_list("amount", flat=True))


def told(found: Figure) -> dict[Code, tuple[int, int]]:
    return {part.code: (part.amount, part.count) for part in parts_of(found)}


def test_a_balance_is_what_came_from_each_side(account):
    tell(account, "txn_1", SALE)
    tell(account, "txn_2", SALE)
    tell(account, "txn_1", FREED, kind=EntryKind.AVAILABLE, after=HOUR)
    pending = figure(account, Code.PENDING)
    assert amount_of(pending) == 970
    assert told(pending) == {Code.PAYMENTS: (2000, 2), Code.FEES: (-60, 2), Code.AVAILABLE: (-970, 1)}


def test_what_moves_between_accounts_of_one_figure_is_no_part_of_it(account):
    tell(account, "txn_1", SALE)
    tell(account, "txn_1", FREED, kind=EntryKind.AVAILABLE)
    both = figure(account, Code.PENDING, Code.AVAILABLE)
    assert amount_of(both) == 970
    assert told(both) == {Code.PAYMENTS: (1000, 1), Code.FEES: (-30, 1)}


def test_a_period_takes_its_beginning_and_not_its_end(account):
    for number in range(4):
        tell(account, f"txn_{number}", SALE, after=number * HOUR)
    middle = figure(account, Code.PENDING, since=FIRST + HOUR, until=FIRST + 3 * HOUR)
    assert amount_of(middle) == 2 * 970
    assert told(middle)[Code.PAYMENTS] == (2000, 2)


def test_another_currency_or_connection_is_no_part_of_it(account):
    tell(account, "txn_1", SALE)
    tell(account, "txn_1", [(code, "USD", amount) for code, _, amount in SALE], kind=EntryKind.ARRIVED)
    tell(make_connection(), "txn_1", SALE)
    assert told(figure(account, Code.PENDING)) == {Code.PAYMENTS: (1000, 1), Code.FEES: (-30, 1)}


def test_entries_of_a_part_come_newest_first_and_in_pages(account):
    for number in range(5):
        tell(account, f"txn_{number}", SALE, after=number % 2 * HOUR)
    pending = figure(account, Code.PENDING)
    first = shares_of(pending, Code.PAYMENTS, limit=3)
    rest = shares_of(pending, Code.PAYMENTS, after=first[-1].spot, limit=3)
    assert [share.source for share in [*first, *rest]] == ["txn_3", "txn_1", "txn_4", "txn_2", "txn_0"]
    assert sum(share.amount for share in [*first, *rest]) == 5000
    assert shares_of(pending, Code.PAYMENTS, oldest_first=True, limit=5) == [*first, *rest][::-1]


def test_entries_of_a_movement_say_all_that_was_posted_of_it(account):
    tell(account, "txn_1", SALE)
    tell(account, "txn_1", FREED, kind=EntryKind.AVAILABLE, after=HOUR)
    booked, freed = entries_of(account.pk, ["txn_1"])
    assert (booked.kind, freed.kind, freed.occurred_at) == (EntryKind.BOOKED, EntryKind.AVAILABLE, FIRST + HOUR)
    assert {line.code: line.amount for line in booked.lines} == {code: amount for code, _, amount in SALE}


def test_a_figure_of_nothing_has_no_parts(account):
    assert (amount_of(figure(account, Code.BANK)), parts_of(figure(account, Code.BANK))) == (0, [])


codes = st.sampled_from([Code.PENDING, Code.AVAILABLE, Code.PAYMENTS, Code.FEES, Code.IN_TRANSIT])
lines = st.lists(
    st.tuples(codes, st.sampled_from(["EUR", "JPY"]), st.integers(-(10**9), 10**9)), min_size=1, max_size=5
)
hours = st.none() | st.integers(0, 8).map(lambda hours: FIRST + hours * HOUR)


@given(st.lists(st.tuples(lines, st.integers(0, 7)), min_size=1, max_size=8), st.sets(codes, min_size=1), hours, hours)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_parts_sum_to_their_figure_and_entries_to_their_part(account, entries, wanted, since, until):
    # Of an earlier example the entries stay: other sources are other entries.
    stem = f"txn_{LedgerAccount.objects.count()}_{id(entries)}"
    for number, (drawn, hour) in enumerate(entries):
        sums = {}
        for _, currency, amount in drawn:
            sums[currency] = sums.get(currency, 0) - amount
        rest = [(Code.SUSPENSE, currency, amount) for currency, amount in sums.items()]
        tell(account, f"{stem}_{number}", [*drawn, *rest], after=hour * HOUR)
    for currency in ("EUR", "JPY"):
        found = figure(account, *wanted, currency=currency, since=since, until=until)
        parts = parts_of(found)
        assert sum(part.amount for part in parts) == amount_of(found)
        for part in parts:
            shares = shares_of(found, part.code, limit=1000)
            assert (sum(share.amount for share in shares), len(shares)) == (part.amount, part.count)
