"""How connections stand: what is read now, what was read last, what was found, and when the last event came."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from billing import clock
from billing.arrays import array
from billing.compiled import Compiled
from billing.providers.models import ProviderAccount
from billing.queue.models import State
from billing.sync.models import Finding, RunEnd, RunKind, SyncCursor, SyncRun
from billing.webhooks.models import Origin, WebhookEvent

WINDOW = timedelta(days=30)
UNDER_WAY = Q(state__in=[State.PENDING, State.LEASED, State.PARKED])
_KINDS = tuple(RunKind)


@dataclass(frozen=True, slots=True)
class Found:
    """How many findings of one kind in WINDOW, and how many of them nobody has repaired yet."""

    count: int = 0
    open: int = 0


@dataclass(slots=True)
class Standing:
    """``complete`` and ``ended`` hold by kind the newest run that ended well, and that ended at all. Times are None
    for what has not happened, ``last_event_at`` for what did not happen within WINDOW."""

    under_way: list[SyncRun] = field(default_factory=list)
    complete: dict[str, SyncRun] = field(default_factory=dict)
    ended: dict[str, SyncRun] = field(default_factory=dict)
    found: dict[str, Found] = field(default_factory=dict)
    checked_until: datetime | None = None
    compared_at: datetime | None = None
    last_event_at: datetime | None = None
    last_event_lag: timedelta | None = None


def standings(accounts: Iterable[ProviderAccount]) -> dict[UUID, Standing]:
    """Of each account. As many queries for many accounts as for one."""
    ids = [account.pk for account in accounts]
    found: dict[UUID, Standing] = defaultdict(Standing)
    for run in SyncRun.objects.filter(UNDER_WAY, account__in=ids).order_by("-asked_at"):
        found[run.account_id].under_way.append(run)
    _add_newest(found, ids)
    for account_id, kind, count, still_open in _counted(ids):
        found[account_id].found[kind] = Found(count, still_open)
    for cursor in SyncCursor.objects.filter(account__in=ids):
        standing = found[cursor.account_id]
        standing.checked_until, standing.compared_at = cursor.complete_until, cursor.compared_at
    for account_id, received_at, occurred_at in _last_events(ids):
        found[account_id].last_event_at = received_at
        found[account_id].last_event_lag = received_at - occurred_at
    return {account_id: found[account_id] for account_id in ids}


def newest_runs(accounts: Iterable[ProviderAccount]) -> dict[UUID, Standing]:
    """Of each account, nothing but its newest runs: what tells whether somebody has to look."""
    ids = [account.pk for account in accounts]
    found: dict[UUID, Standing] = defaultdict(Standing)
    if ids:
        _add_newest(found, ids)
    return {account_id: found[account_id] for account_id in ids}


def _add_newest(found: dict[UUID, Standing], ids: Sequence[UUID]) -> None:
    for run in _NEWEST(array(ids), complete=True):
        found[run.account_id].complete[run.kind] = run
    for run in _NEWEST(array(ids), complete=False):
        found[run.account_id].ended[run.kind] = run


def _newest(ids: str, *, complete: bool) -> QuerySet[SyncRun, SyncRun]:
    # DISTINCT ON along the index of the newest runs.
    which = Q(end=RunEnd.COMPLETE) if complete else ~UNDER_WAY
    rows = SyncRun.objects.filter(which, account__pk__among=ids, kind__in=_KINDS)
    return rows.order_by("account", "kind", "-asked_at").distinct("account", "kind")


_NEWEST = Compiled(_newest)


def _counted(ids: Sequence[UUID]) -> Iterable[tuple[UUID, str, int, int]]:
    recent = Finding.objects.filter(account__in=ids, found_at__gte=clock.now() - WINDOW)
    counted = recent.values_list("account", "kind").annotate(
        n=Count("id"), still=Count("id", filter=Q(repaired_at__isnull=True))
    )
    return counted.order_by("account")


def _last_events(ids: Sequence[UUID]) -> Iterable[tuple[UUID, datetime, datetime]]:
    # Along the index of the list of events; without a bound a connection that is silent would be searched for in all
    # that others of the merchant ever received.
    events = WebhookEvent.objects.filter(
        merchant=OuterRef("merchant"),
        livemode=OuterRef("livemode"),
        account=OuterRef("pk"),
        origin=Origin.DELIVERED,
        received_at__gte=clock.now() - WINDOW,
    ).order_by("-received_at", "-id")
    rows = ProviderAccount.objects.filter(pk__in=ids).annotate(
        received=Subquery(events.values("received_at")[:1]), occurred=Subquery(events.values("occurred_at")[:1])
    )
    return rows.filter(received__isnull=False).values_list("pk", "received", "occurred")
