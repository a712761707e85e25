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
_SETTLE = (
    "SELECT ledger_settle(%s::uuid[], %s::text[], %s::text[], %s::timestamptz[], %s,"
    " %s::int[], %s::text[], %s::text[], %s::bigint[])"
)


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
    lines = [(number, *line) for number, fact in enumerate(known, start=1) for line in fact.lines]
    told = arrays((fact.account_id, fact.source, str(fact.kind), fact.moment) for fact in known)
    columns = arrays(lines) if lines else [array(())] * 4
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE, [*told, clock.now(), *columns])
        (posted,) = cursor.fetchone()
    return int(posted)
