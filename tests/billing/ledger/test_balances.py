"""Statements add up: whatever period, page and direction, over one connection or several."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.ledger.balances import Line, balances, count_postings, read_statement
from billing.ledger.chart import Code
from billing.ledger.models import EntryKind
from billing.ledger.post import Fact, settle
from tests.billing.deliveries import make_connection

pytestmark = pytest.mark.django_db

START = datetime(2026, 11, 2, 12, tzinfo=UTC)
STEP = timedelta(hours=1)
# At few moments, so that many postings share one.
HOURS = st.integers(0, 5)
MOVES = st.lists(st.tuples(HOURS, st.integers(-500, 500).filter(bool), st.booleans()), max_size=20)
EDGES = st.tuples(st.none() | HOURS, st.none() | HOURS)


@pytest.fixture
def account():
    return make_connection()


def post(account, source: str, at: datetime, amount: int, currency: str = "EUR", kind=EntryKind.BOOKED) -> None:
    lines = ((Code.AVAILABLE, currency, amount), (Code.PAYMENTS, currency, -amount))
    settle([Fact(account.pk, source, kind, at, lines)])


def places(*accounts, code: Code = Code.AVAILABLE) -> list[int]:
    return [each.place for each in balances([account.pk for account in accounts]) if each.code is code]


def whole(found: Sequence[int], **period) -> list[Line]:
    return list(read_statement(found, **period, limit=100).lines)


def test_balances_are_those_of_each_connection_currency_and_account(account):
    other = make_connection(account.merchant, livemode=True)
    post(account, "txn_1", START, 100)
    post(account, "txn_2", START, -30, "USD")
    post(other, "txn_1", START, 7)
    found = {(each.account_id, each.currency, each.code): each.amount for each in balances([account.pk])}
    assert found == {
        (account.pk, "EUR", Code.AVAILABLE): 100,
        (account.pk, "EUR", Code.PAYMENTS): -100,
        (account.pk, "USD", Code.AVAILABLE): -30,
        (account.pk, "USD", Code.PAYMENTS): 30,
    }
    assert sum(each.amount for each in balances([account.pk, other.pk]) if each.code is Code.AVAILABLE) == 77


def test_nothing_posted_is_an_empty_statement(account):
    assert balances([account.pk]) == []
    told = read_statement([], limit=5)
    assert (told.opening, told.closing, told.lines) == (0, 0, [])


def test_a_statement_says_where_each_line_comes_from(account):
    post(account, "txn_1", START, 100)
    post(account, "txn_1", START + STEP, 70)
    newest, oldest = whole(places(account))
    assert (oldest.amount, oldest.balance, oldest.source, oldest.kind, oldest.revision) == (
        *(100, 100, "txn_1", EntryKind.BOOKED, 1),
    )
    assert (newest.amount, newest.balance, newest.revision) == (-30, 70, 2)
    assert (newest.account_id, newest.spot[0]) == (account.pk, START + STEP)


def test_a_period_begins_at_its_first_moment_and_ends_before_its_last(account):
    for number in range(4):
        post(account, f"txn_{number}", START + number * STEP, 10**number)
    told = read_statement(places(account), since=START + STEP, until=START + 3 * STEP, limit=10)
    assert (told.opening, told.closing) == (1, 111)
    assert [line.amount for line in told.lines] == [100, 10]


def test_postings_are_counted_up_to_a_limit(account):
    for number in range(4):
        post(account, f"txn_{number}", START + number * STEP, 1)
    found = places(account)
    assert count_postings(found, most=10) == 4
    assert count_postings(found, since=START + STEP, until=START + 3 * STEP, most=10) == 2
    assert count_postings(found, most=3) == 3


def is_within(at: datetime, since: datetime | None, until: datetime | None) -> bool:
    return (since is None or at >= since) and (until is None or at < until)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=MOVES, edges=EDGES, size=st.integers(1, 6), oldest_first=st.booleans())
def test_every_page_of_every_period_adds_up(account, moves, edges, size, oldest_first):
    first, second = make_connection(), make_connection()
    for number, (hour, amount, here) in enumerate(moves):
        post(first if here else second, f"txn_{number}", START + hour * STEP, amount)
    since, until = (None if hour is None else START + hour * STEP for hour in edges)
    if since and until and since > until:
        since, until = until, since
    found = places(first, second)

    before = sum(amount for hour, amount, _ in moves if since and START + hour * STEP < since)
    inside = [amount for hour, amount, _ in moves if is_within(START + hour * STEP, since, until)]
    lines: list[Line] = []
    page = read_statement(found, since=since, until=until, oldest_first=oldest_first, limit=size)
    while page.lines:
        assert (page.opening, page.closing) == (before, before + sum(inside))
        assert len(page.lines) <= size
        lines += page.lines
        after = page.lines[-1].spot
        page = read_statement(found, since=since, until=until, after=after, oldest_first=oldest_first, limit=size)
    assert (page.opening, page.closing) == (before, before + sum(inside))
    spots = [line.spot for line in lines]
    assert spots == sorted(set(spots), reverse=not oldest_first)
    assert sorted(line.amount for line in lines) == sorted(inside)
    running = before
    for line in lines if oldest_first else reversed(lines):
        running += line.amount
        assert line.balance == running
    assert running == before + sum(inside)
    # The other way from behind any line leads back over the lines before it.
    for number, line in enumerate(lines):
        back = read_statement(
            found, since=since, until=until, after=line.spot, oldest_first=not oldest_first, limit=size
        )
        assert list(back.lines) == lines[:number][::-1][:size]
