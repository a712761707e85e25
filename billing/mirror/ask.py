"""Note that the processor should be asked for an object."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from billing import clock
from billing.providers.base import Kind
from billing.queue.nudge import nudge

# What comes in a burst about one object is asked for once.
PAUSE = timedelta(seconds=1)
_ASK = """
INSERT INTO refetch AS known (state, attempts, error, ticket, account_id, kind, object_id, reason, asked_at,
                              next_attempt_at)
SELECT 'pending', 0, '', 1, wanted.*, %s, %s
  FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[]) AS wanted (account_id, kind, object_id, reason)
    ON CONFLICT (account_id, kind, object_id) DO UPDATE SET
       ticket = known.ticket + 1, reason = excluded.reason,
       state = CASE known.state WHEN 'leased' THEN 'leased' ELSE 'pending' END,
       attempts = CASE known.state WHEN 'leased' THEN known.attempts ELSE 0 END,
       next_attempt_at = CASE known.state WHEN 'pending' THEN known.next_attempt_at ELSE excluded.next_attempt_at END,
       asked_at = CASE known.state WHEN 'pending' THEN known.asked_at ELSE excluded.asked_at END,
       processed_at = NULL
"""


@dataclass(frozen=True, slots=True, order=True)
class Wanted:
    account_id: UUID
    kind: Kind
    object_id: str
    reason: str = ""


def ask(wanted: Iterable[Wanted]) -> None:
    """Have these objects asked for after this transaction, each once however often it is wanted meanwhile."""
    # In one order, so that two workers cannot wait for each other.
    rows = sorted({(each.account_id, each.kind, each.object_id): each for each in wanted}.values())
    if not rows:
        return
    now = clock.now()
    columns: list[list[Any]] = [
        [row.account_id for row in rows],
        [row.kind.value for row in rows],
        [row.object_id for row in rows],
        [row.reason for row in rows],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_ASK, [now, now + PAUSE, *columns])
    nudge("refetch")
