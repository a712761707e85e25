"""Say that something happened, in the transaction in which it did."""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from billing import clock
from billing.arrays import arrays
from billing.queue.nudge import nudge

_PUBLISH = """
INSERT INTO outbox_event (state, attempts, error, created_at, type, merchant_id, livemode, object_id, payload)
SELECT 'pending', 0, '', %s, * FROM unnest(%s::text[], %s::bigint[], %s::bool[], %s::text[], %s::jsonb[])
"""


@dataclass(frozen=True, slots=True)
class Fact:
    """``type`` is ours, such as ``payment.changed``; ``object_id`` the public id of what it happened to."""

    type: str
    merchant_id: int | None
    livemode: bool
    object_id: str
    payload: dict[str, Any] = field(default_factory=dict)


_collected: ContextVar[list[Fact] | None] = ContextVar("collected", default=None)


def publish(facts: Iterable[Fact]) -> None:
    """Write facts to the outbox. Call inside the transaction of the state change."""
    collected = _collected.get()
    if collected is None:
        _write(list(facts))
    else:
        collected.extend(facts)


@contextmanager
def published_together() -> Iterator[None]:
    """What is published in the block is written at its end, by one statement; nothing of a block that fails. The block
    is within one transaction."""
    facts: list[Fact] = []
    token = _collected.set(facts)
    try:
        yield
    finally:
        _collected.reset(token)
    publish(facts)


def _write(facts: Sequence[Fact]) -> None:
    rows = [(fact.type, fact.merchant_id, fact.livemode, fact.object_id, json.dumps(fact.payload)) for fact in facts]
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(_PUBLISH, [clock.now(), *arrays(rows)])
        nudge("outbox")
