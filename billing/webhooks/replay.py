"""Let events take effect again. What took effect before answers "no change"."""

from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Q

from billing.audit.actor import Actor
from billing.audit.record import record
from billing.idempotency.guard import once
from billing.merchants.models import Merchant
from billing.queue.models import State
from billing.queue.nudge import nudge
from billing.queue.run import run_row
from billing.webhooks.models import WebhookEvent
from billing.webhooks.process import INBOX

_REPLAYABLE = [State.DONE, State.DEAD, State.PARKED, State.PENDING]


class EventBusy(Exception):
    """A worker has this event right now; its answer comes by itself."""


class EventNotKept(Exception):
    """The event's body is gone, 90 days after it came: there is nothing to replay."""


class RangeChanged(Exception):
    """A range holds another number of events than the one that was agreed to; nothing was done."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many events matched, and how many of them are waiting for a worker now (0 in a dry run). A dry run also
    counts ``by_type``, most first."""

    matched: int
    requeued: int
    by_type: dict[str, int] = field(default_factory=dict)


def replay_event(*, event: WebhookEvent, by: Actor) -> WebhookEvent:
    """Process one event at once and answer its row as it is then. Attempts and error start anew. Raises EventBusy,
    EventNotKept."""
    if not event.is_kept:
        raise EventNotKept(event.public_id)
    with transaction.atomic():
        _requeue(Q(pk=event.pk), merchant_id=event.merchant_id, object_id=event.public_id, by=by, expected=1)
    run_row(INBOX, event.pk)
    return WebhookEvent.objects.get(pk=event.pk)


def replay_many(
    *,
    merchant: Merchant | None,
    livemode: bool | None,
    type_: str,
    since: datetime,
    until: datetime,
    only_dead: bool,
    dry_run: bool,
    by: Actor,
    expected: int | None = None,
    form_key: str = "",
) -> Replayed:
    """Put events of a range back into the inbox, oldest first. ``merchant`` None means all; ``type_`` may be empty, or
    end in a dot for all types that begin like it. With a ``form_key`` it is done once, however often the form is sent.
    Raises RangeChanged unless they are ``expected`` many, KeyReused when the key came with another range."""
    chosen = Q(received_at__gte=since, received_at__lt=until, state__in=[State.DEAD] if only_dead else _REPLAYABLE)
    chosen &= ~Q(body=b"")
    if merchant is not None:
        chosen &= Q(merchant=merchant)
    if livemode is not None:
        chosen &= Q(livemode=livemode)
    if type_:
        chosen &= Q(type__startswith=type_) if type_.endswith(".") else Q(type=type_)
    if dry_run:
        return _counted(chosen)
    merchant_id = merchant.pk if merchant else None
    label = f"{type_ or 'all types'} {since.isoformat()} to {until.isoformat()}"

    def requeue() -> int:
        count = _requeue(chosen, merchant_id=merchant_id, object_id=label, by=by)
        if expected is not None and count != expected:
            raise RangeChanged(count)
        nudge("inbox")
        return count

    asked = {"action": "events.replay", "range": label, "only_dead": only_dead, "livemode": livemode, "author": by.id}
    with transaction.atomic():
        key = f"replay {form_key}"
        count = once(merchant_id=merchant_id, key=key, request=asked, work=requeue).response if form_key else requeue()
    return Replayed(matched=count, requeued=count)


def _counted(chosen: Q) -> Replayed:
    types = WebhookEvent.objects.filter(chosen).values_list("type").annotate(count=Count("id"))
    by_type = dict(types.order_by("-count", "type"))
    return Replayed(matched=sum(by_type.values()), requeued=0, by_type=by_type)


def _requeue(chosen: Q, *, merchant_id: int | None, object_id: str, by: Actor, expected: int = 0) -> int:
    count = WebhookEvent.objects.filter(chosen, state__in=_REPLAYABLE).update(
        state=State.PENDING, attempts=0, next_attempt_at=None, error="", processed_at=None, replayed_by=by.label[:200]
    )
    if count < expected:
        raise EventBusy(object_id)
    record(
        merchant_id=merchant_id,
        actor=by,
        action="event.replayed",
        object_type="webhook_event",
        object_id=object_id,
        after={"events": count},
    )
    return count
