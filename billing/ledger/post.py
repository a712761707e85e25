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
_SETTLE = f"""
INSERT INTO ledger_facts (accounts, sources, kinds, moments, made_at,
                          line_facts, line_codes, line_currencies, line_amounts)
VALUES (%s::uuid[], %s::text[], %s::text[], %s::timestamptz[], %s, {_LINES}) RETURNING posted
"""  # noqa: S608  nothing of it comes from outside
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
    """How many postings were missing. Within the caller's transaction, which holds the rows that facts tell of: of two
    that settle one fact at once the second may fail by the entry that is already there (IntegrityError), as does what
    does not balance. A fact is named once."""
    known, lines = _told(facts)
    if not known:
        return 0
    accounts, sources, kinds, moments = arrays(
        (fact.account_id, fact.source, str(fact.kind), fact.moment) for fact in known
    )
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE, [accounts, sources, kinds, moments, clock.now(), *lines])
        (posted,) = cursor.fetchone()
    return int(posted)


def due(facts: Iterable[Fact]) -> list[tuple[Fact, str, int]]:
    """What settling these would post, posting nothing: the fact, the account in words, and minor units."""
    known, lines = _told(facts)
    if not known:
        return []
    told = arrays((fact.account_id, fact.source, str(fact.kind)) for fact in known)
    with connection.cursor() as cursor:
        cursor.execute(_DUE, [*told, *lines])
        return [(known[number - 1], place, amount) for number, place, amount in cursor.fetchall()]


def _told(facts: Iterable[Fact]) -> tuple[list[Fact], list[str]]:
    """Facts as the database wants them: those with lines first, and one line for each account of a fact; and their
    lines, column by column."""
    filled: list[tuple[Fact, dict[tuple[Code, str], int]]] = []
    bare = []
    for fact in facts:
        sums: dict[tuple[Code, str], int] = {}
        for code, currency, amount in fact.lines:
            sums[code, currency] = sums.get((code, currency), 0) + amount
        moved = {place: amount for place, amount in sums.items() if amount}
        if moved:
            filled.append((fact, moved))
        else:
            bare.append(fact)
    lines = [
        (number, code.value, currency, amount)
        for number, (_, moved) in enumerate(filled, start=1)
        for (code, currency), amount in moved.items()
    ]
    return [*(fact for fact, _ in filled), *bare], arrays(lines) if lines else [array(())] * 4
