"""One turn of a run: what a step hears outside of any transaction, and how it leaves the run behind."""

import time
from collections.abc import Callable, Iterator

from django.conf import settings

from billing import clock
from billing.queue.registry import Done, Later, Verdict
from billing.sync.models import RunEnd, SyncRun

Settle = Callable[[SyncRun], Verdict]
"""What a step does with the run, in the transaction, with what it heard. It may be repeated with the row read anew."""

_STATE = ["phase", "cursor", "tally", "progress", "started_at", "ended_at", "end"]
# Long enough that a transaction is worth it, short enough that others get their turn and a cancel is heard.
_SECONDS = 3.0
_SHARE_OF_LIMIT = 8


class Patience:
    """How long a step may go on asking: some seconds, and never much of what a worker's task may take."""

    def __init__(self) -> None:
        self._until = time.monotonic() + min(_SECONDS, settings.QUEUE_TASK_SECONDS / _SHARE_OF_LIMIT)

    def left(self, run: SyncRun) -> bool:
        """Whether to ask once more: there is time, and nobody has cancelled the run meanwhile."""
        return time.monotonic() < self._until and not SyncRun.objects.filter(pk=run.pk, cancel_asked=True).exists()


def go_on(run: SyncRun, phase: str = "", *, pause: float = 0) -> Verdict:
    """The run goes on, in ``phase`` where one is given. What it has got to is saved; its tries start anew."""
    run.phase = phase or run.phase
    if run.started_at is None:
        run.started_at = clock.now()
    run.save(update_fields=_STATE)
    return Later(pause=pause, columns={"attempts": 0})


def end_run(run: SyncRun, end: RunEnd, reason: str = "") -> Verdict:
    """The run is over. ``reason`` is a sentence for people where it did not get to its end."""
    run.end, run.ended_at = end, clock.now()
    if end == RunEnd.COMPLETE:
        run.progress = 1_000
    if reason:
        run.tally = {**run.tally, "reason": reason[:500]}
    run.save(update_fields=_STATE)
    return Done()


def numbers() -> Iterator[int]:
    """Row ids for a batch of snapshots that were asked for."""
    number = 0
    while True:
        number -= 1
        yield number
