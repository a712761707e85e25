"""What accounts hold, and their statements: every posting of a period with the balance after it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from billing.arrays import array
from billing.compiled import Compiled
from billing.ledger.chart import Code
from billing.ledger.models import EntryKind, LedgerAccount

Spot = tuple[datetime, int]
"""Where a posting stands among those of its account: its moment and its id."""

# What is before the first posting and behind the last one, as PostgreSQL compares it.
_EVER: tuple[str, int] = ("-infinity", 0)
_NEVER: tuple[str, int] = ("infinity", 0)
# Accounts with the moments of their first and last postings, each one step along the index.
_PLACES = """
SELECT place.*, first, last FROM ledger_account AS place, LATERAL (
    SELECT (SELECT min(occurred_at) FROM posting WHERE ledger_account_id = place.id) AS first,
           (SELECT max(occurred_at) FROM posting WHERE ledger_account_id = place.id) AS last
) AS ends WHERE first IS NOT NULL AND place.id = ANY(%(places)s::bigint[])
"""
# Of the postings of ``place`` from one spot up to, but not including, another one.
_SUM = """(
    SELECT coalesce(sum(amount), 0) FROM posting
     WHERE ledger_account_id = place.id AND (occurred_at, id) >= ({}) AND (occurred_at, id) < ({}))"""
# Taken from the end to which fewer postings lead, if they came evenly.
_BEFORE = """(
    CASE WHEN {moment} > first + (last - first) / 2
    THEN balance - {later} ELSE {earlier} END)"""
_SINCE, _UNTIL, _BOUND = "%(since)s::timestamptz", "%(until)s::timestamptz", "%(bound_at)s::timestamptz"


def _before(moment: str) -> str:
    """The balance of ``place`` before a moment."""
    spot = f"{moment}, 0"
    later, earlier = _SUM.format(spot, "'infinity', 0"), _SUM.format("'-infinity', 0", spot)
    return _BEFORE.format(moment=moment, later=later, earlier=earlier)


# One statement, so that it tells of one moment however much is posted meanwhile. The balance at the page's beginning is
# worked out from the nearer end of the period.
_STATEMENT = """
WITH place AS MATERIALIZED ({places}),
edges AS MATERIALIZED (
    SELECT place.*, {opening} AS opening, {closing} AS closing,
           greatest(first, {since}) AS begins, least(last, {until}) AS ends FROM place
), sums AS MATERIALIZED (
    SELECT coalesce(sum(opening), 0)::bigint AS opening, coalesce(sum(closing), 0)::bigint AS closing,
           coalesce(sum(CASE WHEN {bound} > begins + (ends - begins) / 2
                             THEN closing - {to_end} ELSE opening + {from_start} END), 0)::bigint AS bound
      FROM edges AS place
), page AS (
    SELECT found.* FROM place, LATERAL (
        SELECT posting.id, entry_id, occurred_at, amount FROM posting
         WHERE ledger_account_id = place.id
           AND (occurred_at, id) >= (%(low_at)s::timestamptz, %(low_id)s)
           AND (occurred_at, id) < (%(high_at)s::timestamptz, %(high_id)s)
         ORDER BY occurred_at {way}, id {way} LIMIT %(limit)s) AS found
     ORDER BY occurred_at {way}, id {way} LIMIT %(limit)s
)
SELECT sums.opening, sums.closing, sums.bound, page.id, page.occurred_at, page.amount,
       entry.account_id, entry.source, entry.kind, entry.revision
  FROM sums LEFT JOIN (page JOIN journal_entry AS entry ON entry.id = page.entry_id) ON true
 ORDER BY page.occurred_at {way}, page.id {way}
"""
_COUNT = """
SELECT count(*) FROM (
    SELECT FROM posting WHERE ledger_account_id = ANY(%(places)s::bigint[])
       AND occurred_at >= %(since)s AND occurred_at < %(until)s LIMIT %(most)s) AS found
"""


def _statement(*, way: str) -> str:
    bound, begin, end = f"{_BOUND}, %(bound_id)s", f"{_SINCE}, 0", f"{_UNTIL}, 0"
    return _STATEMENT.format(
        way=way,
        places=_PLACES,
        since=_SINCE,
        until=_UNTIL,
        bound=_BOUND,
        opening=_before(_SINCE),
        closing=_before(_UNTIL),
        to_end=_SUM.format(bound, end),
        from_start=_SUM.format(begin, bound),
    )


_NEWEST_FIRST, _OLDEST_FIRST = _statement(way="DESC"), _statement(way="ASC")
_OF_ACCOUNTS = Compiled(
    lambda accounts: (
        LedgerAccount.objects.filter(account__pk__among=accounts)
        .order_by("currency", "code", "id")
        .values_list("account_id", "currency", "code", "balance", "pk")
    )
)


@dataclass(frozen=True, slots=True)
class Balance:
    """What one account holds, in minor units, debits less credits; ``place`` is the account's key."""

    account_id: UUID
    currency: str
    code: Code
    amount: int
    place: int


@dataclass(frozen=True, slots=True)
class Line:
    """A posting, what its entry tells (``kind``) of which movement (``source``, the processor's id of it at that
    connection), and the balance after it. Minor units, debits positive."""

    spot: Spot
    amount: int
    balance: int
    account_id: UUID
    source: str
    kind: EntryKind
    revision: int


@dataclass(frozen=True, slots=True)
class Statement:
    """``opening`` is the balance before the period, ``closing`` at its end; ``lines`` are in the order asked for."""

    opening: int
    closing: int
    lines: Sequence[Line]


def balances(accounts: Iterable[UUID]) -> list[Balance]:
    """Now, of all accounts of these connections, by currency."""
    found = _OF_ACCOUNTS(array(accounts))
    return [Balance(account, currency, Code(code), *rest) for account, currency, code, *rest in found]


def read_statement(
    places: Collection[int],
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    after: Spot | None = None,
    oldest_first: bool = False,
    limit: int,
) -> Statement:
    """The postings of these accounts (of one currency) together, at most ``limit`` from behind ``after`` on, newest
    first unless ``oldest_first``; the period's ``since`` is part of it, its ``until`` is not."""
    low, high = (since, 0) if since else _EVER, (until, 0) if until else _NEVER
    values = {"places": array(places), "since": low[0], "until": high[0], "limit": limit}
    if after and oldest_first:
        # Ids are whole numbers: behind this one is from the next one on.
        low = (after[0], after[1] + 1)
    elif after:
        high = after
    bound = low if oldest_first else high
    values |= {"low_at": low[0], "low_id": low[1], "high_at": high[0], "high_id": high[1]}
    values |= {"bound_at": bound[0], "bound_id": bound[1]}
    with connection.cursor() as cursor:
        cursor.execute(_OLDEST_FIRST if oldest_first else _NEWEST_FIRST, values)
        found = cursor.fetchall()
    opening, closing, running = found[0][:3]
    lines = []
    for _, _, _, posting, occurred_at, amount, account, source, kind, revision in found:
        if posting is None:
            break
        balance = running + amount if oldest_first else running
        lines.append(Line((occurred_at, posting), amount, balance, account, source, EntryKind(kind), revision))
        running = balance if oldest_first else running - amount
    return Statement(opening, closing, lines)


def count_postings(
    places: Collection[int], *, since: datetime | None = None, until: datetime | None = None, most: int
) -> int:
    """How many there are in a period, as read_statement() means it; ``most`` at the utmost."""
    values = {"places": array(places), "since": since or _EVER[0], "until": until or _NEVER[0], "most": most}
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, values)
        return int(cursor.fetchone()[0])
