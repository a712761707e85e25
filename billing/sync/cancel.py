"""Stop a run. What it has read so far stays."""

from django.db import transaction

from billing.audit.actor import Actor
from billing.audit.record import record
from billing.queue.models import State
from billing.sync.models import SyncRun


class RunIsOver(Exception):
    """The run ended before it could be stopped."""


def cancel_run(*, run: SyncRun, by: Actor) -> None:
    """Ask the run to stop; its worker does within its next step. Nothing happens where it was asked before. Raises
    RunIsOver."""
    with transaction.atomic():
        going_on = SyncRun.objects.filter(pk=run.pk, state__in=[State.PENDING, State.LEASED])
        if not going_on.filter(cancel_asked=False).update(cancel_asked=True):
            if going_on.exists():
                return
            raise RunIsOver(run.public_id)
        # Its turn is now, whatever it waits for. Without its failed tries, too: those never come without a time.
        SyncRun.objects.filter(pk=run.pk, state=State.PENDING).update(attempts=0, next_attempt_at=None)
        record(
            merchant_id=run.account.merchant_id,
            actor=by,
            action="sync.cancelled",
            object_type="connection",
            object_id=run.account.public_id,
            after={"run": run.public_id},
        )
