"""Turn each outbox event into one row a subscriber, and hand those over."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from billing.outbox import subscribe
from billing.outbox.models import OutboxDelivery, OutboxEvent
from billing.queue.nudge import nudge
from billing.queue.registry import Done, Queue, Verdict


class SubscriberGone(Exception):
    """A delivery waits for a subscriber that this installation no longer has."""


def fan_out(events: Sequence[OutboxEvent]) -> Mapping[int, Verdict]:
    """One delivery row for each subscriber of each event."""
    deliveries = [
        OutboxDelivery(event=event, subscriber=name) for event in events for name in sorted(subscribe.of(event.type))
    ]
    if deliveries:
        OutboxDelivery.objects.bulk_create(deliveries, ignore_conflicts=True)
        nudge("deliveries")
    return {event.pk: Done() for event in events}


def deliver(deliveries: Sequence[OutboxDelivery]) -> Mapping[int, Verdict]:
    """Call each subscriber once with all the events that wait for it."""
    events = OutboxEvent.objects.in_bulk([delivery.event_id for delivery in deliveries])
    waiting: dict[tuple[str, str], list[OutboxEvent]] = defaultdict(list)
    for delivery in deliveries:
        event = events[delivery.event_id]
        waiting[event.type, delivery.subscriber].append(event)
    for (type_, name), batch in waiting.items():
        receive = subscribe.of(type_).get(name)
        if receive is None:
            raise SubscriberGone(name)
        receive(batch)
    return {delivery.pk: Done() for delivery in deliveries}


OUTBOX = Queue("outbox", OutboxEvent, "created_at", fan_out, batch=500)
DELIVERIES = Queue("deliveries", OutboxDelivery, "event__created_at", deliver, batch=500)
