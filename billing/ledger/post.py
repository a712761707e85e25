"""Post what is known of movements: what is missing of it, and nothing twice."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from billing import clock
from billing.arrays import array, arrays
from billing.ledger.chart import Code
from billing.ledger.models import EntryKind

Line = tuple[Code, str, int]
"""An account, its currency, and minor units: a debit is positive, a credit negative."""
_LINES = "%s::int[], %s::text[], %s::text[], %s::bigint[]"
_SETTLE = f"SELECT ledger_settle(%s::uuid[], %s::text[], %s::text[], %s::timestamptz[], %s, {_LINES})"
_DUE = f"""
SELECT due.fact, coalesce(due.unopened, place.code || ' in ' || place.currency) AS named, due.amount
  FROM ledger_due(%s::uuid[], %s::text[], %s::text[], {_LINES}) AS due
  LEFT JOIN ledger_account AS place ON place.id = due.place
 ORDER BY 1, 2
"""  # noqa: S608  nothing of it comes from outside


@dataclass(frozen=True, slots=True)
class Fact:
    """What a movement should have come to by now, in all its entries of a kind together. ``source`` is the processor's
    id of it at that connection, ``moment`` the processor's time. ``lines`` sum to 0 in each currency."""

    account_id: UUID
    source: str
    kind: EntryKind
    moment: datetime
    lines: Sequence[Line]


def settle(facts: Iterable[Fact]) -> int:
    """How many postings were missing. Within the caller's transaction, which holds the rows that facts tell of: two
    that settle one fact at once fail by the entry that is already there (IntegrityError), as does what does not
    balance. A fact is named once."""
    known = list(facts)
    if not known:
        return 0
    accounts, sources, kinds, moments = arrays(
        (fact.account_id, fact.source, str(fact.kind), fact.moment) for fact in known
    )
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE, [accounts, sources, kinds, moments, clock.now(), *_lines(known)])
        (posted,) = cursor.fetchone()
    return int(posted)


def due(facts: Iterable[Fact]) -> list[tuple[Fact, str, int]]:
    """What settling these would post, posting nothing: the fact, the account in words, and minor units."""
    known = list(facts)
    if not known:
        return []
    told = arrays((fact.account_id, fact.source, str(fact.kind)) for fact in known)
    with connection.cursor() as cursor:
        cursor.execute(_DUE, [*told, *_lines(known)])
        return [(known[number - 1], place, amount) for number, place, amount in cursor.fetchall()]


def _lines(facts: Sequence[Fact]) -> list[str]:
    lines = [(number, *line) for number, fact in enumerate(facts, start=1) for line in fact.lines]
    return arrays(lines) if lines else [array(())] * 4
