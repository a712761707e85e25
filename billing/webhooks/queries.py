"""Reading the inbox: rows of a list, what people search by, one event with its attempts."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from billing.compiled import Compiled
from billing.merchants.models import Merchant
from billing.queue.models import OPEN, State
from billing.webhooks.models import Outcome, WebhookAttempt, WebhookEvent, WebhookEventQuerySet

# Columns of a row of the list, in the order of the tuples that list_rows gives.
ROW = (
    *("id", "public_id", "state", "attempts", "outcome", "type", "object_type", "object_id", "occurred_at"),
    *("received_at", "livemode", "merchant__slug", "merchant__name", "origin"),
)
# What a row of the queue is called by people who look at it.
CONDITIONS: dict[str, Q] = {
    "received": Q(state=State.PENDING, attempts=0),
    "processing": Q(state=State.LEASED),
    "waiting": Q(state=State.PARKED),
    "retrying": Q(state=State.PENDING, attempts__gt=0),
    "processed": Q(state=State.DONE) & ~Q(outcome=Outcome.IGNORED),
    "ignored": Q(state=State.DONE, outcome=Outcome.IGNORED),
    "dead_letter": Q(state=State.DEAD),
}


@dataclass(frozen=True, slots=True)
class EventRecord:
    """An event, its attempts newest first, and the newest other events about the same object."""

    event: WebhookEvent
    runs: list[WebhookAttempt]
    same_object: list[WebhookEvent]


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many events of a merchant are not processed: waiting for a worker or their object, and given up."""

    waiting: int = 0
    dead: int = 0


def list_rows(events: WebhookEventQuerySet) -> QuerySet[WebhookEvent, tuple[Any, ...]]:
    return events.values_list(*ROW)


def in_conditions(events: WebhookEventQuerySet, names: Iterable[str]) -> WebhookEventQuerySet:
    """Events in any of these CONDITIONS."""
    wanted = Q()
    for name in names:
        wanted |= CONDITIONS[name]
    return events.filter(wanted)


def count_dead(merchant: Merchant, livemode: bool) -> int:
    """How many events of one mode were given up."""
    return sum(count for (count,) in _DEAD(merchant.pk, livemode=livemode))


def _dead(merchant: int, *, livemode: bool) -> QuerySet[WebhookEvent, tuple[int]]:
    dead = WebhookEvent.objects.filter(merchant=merchant, livemode=livemode, state=State.DEAD).order_by()
    # One group, or none where there are none.
    return dead.values("state").annotate(count=Count("id")).values_list("count")


_DEAD = Compiled(_dead)


def search(
    events: WebhookEventQuerySet, text: str, *, accounts: Collection[UUID] | QuerySet[Any, Any]
) -> WebhookEventQuerySet:
    """Events by an id: of the event (ours or the processor's), of its object, or of our payment."""
    if text.startswith("whk_"):
        return events.filter(public_id=text)
    if text.startswith("pay_"):
        return events.filter(activity__payment__public_id=text)
    # Ids of processors are unique within an account, and so are the indexes that hold them.
    return events.filter(Q(external_id=text) | Q(object_id=text), account__in=accounts)


def load_record(events: WebhookEventQuerySet, public_id: str) -> EventRecord:
    """One event out of ``events``. Raises WebhookEvent.DoesNotExist."""
    found = events.select_related("account", "merchant", "activity__payment").defer("account__api_key")
    event = found.get(public_id=public_id)
    same = WebhookEvent.objects.filter(account_id=event.account_id, object_id=event.object_id).exclude(pk=event.pk)
    columns = ("public_id", "type", "state", "attempts", "outcome", "received_at")
    return EventRecord(
        event=event,
        runs=list(event.runs.order_by("-number")),
        same_object=list(same.only(*columns).order_by("-received_at", "-id")[:8]) if event.object_id else [],
    )


def stuck(events: WebhookEventQuerySet) -> Backlog:
    """How many of ``events`` wait for their object, and how many were given up."""
    # The condition of a partial index: among millions these are few.
    counted = events.filter(state__in=[State.PARKED, State.DEAD]).aggregate(
        waiting=Count("id", filter=Q(state=State.PARKED)), dead=Count("id", filter=Q(state=State.DEAD))
    )
    return Backlog(**counted)


def backlogs(merchant_ids: Iterable[int]) -> dict[int, Backlog]:
    """Of each merchant that has any, both modes together."""
    counted = (
        WebhookEvent.objects.filter(OPEN, merchant__in=list(merchant_ids))
        .values_list("merchant")
        .annotate(waiting=Count("id", filter=~Q(state=State.DEAD)), dead=Count("id", filter=Q(state=State.DEAD)))
    )
    return {merchant_id: Backlog(waiting, dead) for merchant_id, waiting, dead in counted}
