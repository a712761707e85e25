"""What a figure of the books is made of: the other sides of its entries, down to single postings.

An entry sums to 0. So what it moved in some accounts is, turned round, what it moved in all the others.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from billing.arrays import array
from billing.ledger.balances import Spot
from billing.ledger.chart import Code
from billing.ledger.models import EntryKind

_PERIOD = "occurred_at >= %(since)s::timestamptz AND occurred_at < %(until)s::timestamptz"
# Each entry once, however many of the figure's accounts it touches.
_OTHERS = f"""
  FROM (SELECT DISTINCT entry_id FROM posting
         WHERE ledger_account_id = ANY(%(places)s::bigint[]) AND {_PERIOD}) AS touched
  JOIN posting AS other ON other.entry_id = touched.entry_id
  JOIN ledger_account AS place ON place.id = other.ledger_account_id
 WHERE place.id <> ALL(%(places)s::bigint[]) AND place.currency = %(currency)s
"""  # noqa: S608  made of the texts above
_PARTS = f"SELECT place.code, -sum(other.amount)::bigint, count(*) {_OTHERS} GROUP BY 1 ORDER BY 1"
_SHARES = f"""
SELECT other.id, other.occurred_at, -other.amount, entry.account_id, entry.source, entry.kind, entry.revision
  FROM (SELECT other.* {_OTHERS} AND place.code = %(code)s) AS other
  JOIN journal_entry AS entry ON entry.id = other.entry_id
 WHERE (other.occurred_at, other.id) {{compare}} (%(after_at)s::timestamptz, %(after_id)s)
 ORDER BY other.occurred_at {{way}}, other.id {{way}} LIMIT %(limit)s
"""  # noqa: S608
_NEWEST_FIRST = _SHARES.format(compare="<", way="DESC"), ("infinity", 0)
_OLDEST_FIRST = _SHARES.format(compare=">", way="ASC"), ("-infinity", 0)
_LINES = """
SELECT entry.id, entry.source, entry.kind, entry.revision, entry.occurred_at, entry.created_at, place.code,
       place.currency, posting.amount
  FROM journal_entry AS entry JOIN posting ON posting.entry_id = entry.id
  JOIN ledger_account AS place ON place.id = posting.ledger_account_id
 WHERE entry.account_id = %s AND entry.source = ANY(%s::text[])
 ORDER BY entry.source, entry.occurred_at, entry.id, posting.amount DESC, place.code
"""


@dataclass(frozen=True, slots=True)
class Figure:
    """The sum of all postings of these accounts (of one currency, by their keys) in a period: ``since`` is part of it,
    ``until`` is not. Without ``since`` it is the balance before ``until``."""

    places: Collection[int]
    currency: str
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """What the entries of a figure that touch an account of this code brought to it: minor units, and how many."""

    code: Code
    amount: int
    count: int


@dataclass(frozen=True, slots=True)
class Share:
    """What one entry brought to a part. ``spot`` is where it stands among them."""

    spot: Spot
    amount: int
    account_id: UUID
    source: str
    kind: EntryKind
    revision: int


@dataclass(frozen=True, slots=True)
class Line:
    """A posting of an entry: debits positive."""

    code: Code
    currency: str
    amount: int


@dataclass(frozen=True, slots=True)
class Entry:
    """What was posted of a movement (``source``) at once. ``occurred_at`` is the processor's time, ``booked_at`` is
    ours."""

    source: str
    kind: EntryKind
    revision: int
    occurred_at: datetime
    booked_at: datetime
    lines: Sequence[Line]


def parts_of(figure: Figure) -> list[Part]:
    """They sum to the figure: a test and the page that shows them hold both against each other."""
    return [Part(Code(code), amount, count) for code, amount, count in _read(_PARTS, figure)]


def shares_of(
    figure: Figure, code: Code, *, after: Spot | None = None, oldest_first: bool = False, limit: int
) -> list[Share]:
    """The entries behind a part from behind a spot on, newest first unless ``oldest_first``."""
    statement, end = _OLDEST_FIRST if oldest_first else _NEWEST_FIRST
    moment, number = after or end
    found = _read(statement, figure, code=code.value, after_at=moment, after_id=number, limit=limit)
    return [
        Share((at, number), amount, account, source, EntryKind(kind), revision)
        for number, at, amount, account, source, kind, revision in found
    ]


def entries_of(account_id: UUID, sources: Collection[str]) -> list[Entry]:
    """All entries of these movements of a connection, in the order in which they took effect."""
    entries: dict[int, Entry] = {}
    lines: dict[int, list[Line]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_LINES, [account_id, array(sources)])
        for number, source, kind, revision, occurred_at, booked_at, code, currency, amount in cursor.fetchall():
            mine = lines.setdefault(number, [])
            entries.setdefault(number, Entry(source, EntryKind(kind), revision, occurred_at, booked_at, mine))
            mine.append(Line(Code(code), currency, amount))
    return list(entries.values())


def _read(statement: str, figure: Figure, **more: Any) -> list[tuple[Any, ...]]:
    values = {
        "places": array(figure.places),
        "currency": figure.currency,
        "since": figure.since or "-infinity",
        "until": figure.until or "infinity",
        **more,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
