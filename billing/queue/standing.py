"""How a queue stands: how much waits in it, since when, and how much was done lately."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min

from billing import clock
from billing.queue.models import OPEN, State
from billing.queue.registry import Queue

LATELY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Depth:
    """How many rows are not done. ``fresh`` were never tried; ``retrying`` failed before and will be tried again."""

    fresh: int = 0
    retrying: int = 0
    leased: int = 0
    parked: int = 0
    dead: int = 0

    @property
    def open(self) -> int:
        """What somebody will still work on; dead letters wait for a person."""
        return self.fresh + self.retrying + self.leased + self.parked


def depth_of(queue: Queue) -> Depth:
    rows = queue.model._default_manager.filter(OPEN).values_list("state", "attempts").annotate(Count("pk"))
    counts = dict.fromkeys(("fresh", "retrying", "leased", "parked", "dead"), 0)
    for state, attempts, count in rows.order_by():
        name = str(state)
        if state == State.PENDING:
            name = "retrying" if attempts else "fresh"
        counts[name] += count
    return Depth(**counts)


def due_since(queue: Queue) -> datetime | None:
    """Since when the oldest row is due that nobody works on; None when none is. What waits for its object or for its
    next try is not due."""
    now = clock.now()
    rows = queue.model._default_manager
    oldest = [
        fresh_since(queue),
        rows.filter(state=State.PENDING, attempts__gt=0, next_attempt_at__lte=now).aggregate(
            first=Min("next_attempt_at")
        )["first"],
    ]
    return min(filter(None, oldest), default=None)


def fresh_since(queue: Queue) -> datetime | None:
    """Since when the oldest row waits that was never tried."""
    fresh = queue.model._default_manager.filter(state=State.PENDING, attempts=0).order_by("pk")
    since: datetime | None = fresh.values_list(queue.since, flat=True).first()
    return since


def done_lately(queue: Queue) -> int:
    """Rows that were finished within LATELY."""
    return queue.model._default_manager.filter(state=State.DONE, processed_at__gte=clock.now() - LATELY).count()
