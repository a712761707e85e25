"""Forget what is no longer needed: bodies of events that took effect, and outbox rows that everybody got."""

from datetime import timedelta

from billing import clock
from billing.outbox.models import OutboxEvent
from billing.queue.models import State
from billing.webhooks.models import WebhookEvent

KEPT_FOR = timedelta(days=90)
# A trigger keeps younger bodies by the database's clock, which may be behind ours.
_MARGIN = timedelta(hours=1)
_BATCH = 5_000


def prune() -> int:
    """Empty bodies and delete outbox rows that are done and older than 90 days; answers how many rows changed."""
    limit = clock.now() - KEPT_FOR - _MARGIN
    events = WebhookEvent.objects.filter(state=State.DONE, received_at__lt=limit).exclude(body=b"")
    outbox = OutboxEvent.objects.filter(state=State.DONE, created_at__lt=limit).exclude(
        deliveries__state__in=[State.PENDING, State.LEASED, State.PARKED, State.DEAD]
    )
    changed = 0
    while ids := list(events.values_list("pk", flat=True)[:_BATCH]):
        changed += WebhookEvent.objects.filter(pk__in=ids).update(body=b"")
    while ids := list(outbox.values_list("pk", flat=True)[:_BATCH]):
        OutboxEvent.objects.filter(pk__in=ids).delete()
        changed += len(ids)
    return changed
