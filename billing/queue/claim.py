"""Take rows of a queue for a while, and let go of them."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import DateTimeField, ExpressionWrapper, F, Func, QuerySet, Value

from billing.queue.models import QueueRow, State
from billing.queue.registry import Done

# Ids, not positions: rows commit out of order, so "everything up to the last id" would skip the late ones.
_CLAIM = """
WITH due AS MATERIALIZED (
    SELECT id FROM {table} WHERE {due} ORDER BY {order} LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
UPDATE {table} AS row
   SET state = 'leased', attempts = row.attempts + 1, lease_token = %(token)s,
       lease_until = clock_timestamp() + make_interval(secs => %(lease)s)
  FROM due WHERE row.id = due.id
RETURNING row.id
"""


@dataclass(frozen=True, slots=True)
class Due:
    """Which rows may be claimed, most urgent first. SQL of our own, no outside text."""

    where: str
    order: str


# A first try that was interrupted used up no attempt, and waits nevertheless.
FRESH = Due(
    "state = 'pending' AND attempts = 0 AND (next_attempt_at IS NULL OR next_attempt_at <= %(now)s)",
    "id",
)
# By turns: a row that goes on and on must not keep those behind it from their first step.
TURN = Due(FRESH.where, "next_attempt_at NULLS FIRST, id")
RETRY = Due("state IN ('pending', 'parked') AND attempts > 0 AND next_attempt_at <= %(now)s", "next_attempt_at")
EXPIRED = Due("state = 'leased' AND lease_until < clock_timestamp()", "lease_until")


def row(row_id: int) -> Due:
    """One pending row, whenever it is due."""
    return Due(f"state = 'pending' AND id = {int(row_id)}", "id")


class LeaseLost(Exception):
    """Another worker took the row after this one's lease ended: nothing of this try may stay."""


@dataclass(frozen=True, slots=True)
class Lease:
    token: uuid.UUID
    ids: list[int]


def claim(model: type[QueueRow], due: Due, *, limit: int, now: datetime) -> Lease:
    """Lease up to ``limit`` due rows; rows that someone else is claiming are skipped."""
    token = uuid.uuid4()
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            _CLAIM.format(table=table, due=due.where, order=due.order),
            {"limit": limit, "token": token, "lease": settings.QUEUE_LEASE_SECONDS, "now": now},
        )
        return Lease(token, sorted(row[0] for row in cursor.fetchall()))


def renew(model: type[QueueRow], lease: Lease, row_id: int) -> bool:
    """Start the lease of one row anew; False when it is no longer ours."""
    until = ExpressionWrapper(
        Func(function="clock_timestamp") + Value(timedelta(seconds=settings.QUEUE_LEASE_SECONDS)),
        output_field=DateTimeField(),
    )
    return bool(_held(model, lease, [row_id]).update(lease_until=until))


def finish(model: type[QueueRow], lease: Lease, verdicts: Mapping[int, Done], *, now: datetime) -> None:
    """Mark rows done, with the columns of their verdicts. Raises LeaseLost unless every row is still ours."""
    alike: dict[tuple[tuple[str, Any], ...], list[int]] = defaultdict(list)
    for row_id, verdict in verdicts.items():
        alike[tuple(sorted(verdict.columns.items()))].append(row_id)
    for columns, ids in alike.items():
        done = _held(model, lease, ids).update(
            state=State.DONE, processed_at=now, lease_token=None, lease_until=None, error="", **dict(columns)
        )
        if done != len(ids):
            raise LeaseLost(f"{len(ids) - done} of {len(ids)} rows")


def give_back(model: type[QueueRow], lease: Lease, row_id: int, *, uncounted: bool = False, **columns: Any) -> None:
    """Put one row back, or away, with the given columns. Raises LeaseLost when it is no longer ours.

    ``uncounted`` returns the attempt that claiming it took, for failures that say nothing about the row; ``attempts``
    among the columns goes before that.
    """
    if uncounted:
        columns.setdefault("attempts", F("attempts") - 1)
    if not _held(model, lease, [row_id]).update(lease_token=None, lease_until=None, **columns):
        raise LeaseLost(str(row_id))


def _held(model: type[QueueRow], lease: Lease, ids: Iterable[int]) -> QuerySet[QueueRow]:
    return model._default_manager.filter(pk__among=ids, lease_token=lease.token, state=State.LEASED)
