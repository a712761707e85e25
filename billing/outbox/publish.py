"""Say that something happened, in the transaction in which it did."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from billing import clock
from billing.outbox.models import OutboxEvent
from billing.queue.nudge import nudge


@dataclass(frozen=True, slots=True)
class Fact:
    """``type`` is ours, such as ``payment.changed``; ``object_id`` the public id of what it happened to."""

    type: str
    merchant_id: int | None
    livemode: bool
    object_id: str
    payload: dict[str, Any] = field(default_factory=dict)


def publish(facts: Iterable[Fact]) -> None:
    """Write facts to the outbox. Call inside the transaction of the state change."""
    now = clock.now()
    rows = [
        OutboxEvent(
            type=fact.type,
            merchant_id=fact.merchant_id,
            livemode=fact.livemode,
            object_id=fact.object_id,
            payload=fact.payload,
            created_at=now,
        )
        for fact in facts
    ]
    if rows:
        OutboxEvent.objects.bulk_create(rows)
        nudge("outbox")
