"""What the pages show of reading an account."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, QuerySet

from billing import clock
from billing.merchants.models import Merchant
from billing.providers.models import ProviderAccount
from billing.queue.models import OPEN, State
from billing.sync.models import Finding, FindingKind, RunEnd, RunKind, SyncCursor, SyncRun
from billing.sync.progress import remaining_seconds
from billing.webhooks.models import Origin, WebhookEvent

LATELY = timedelta(days=30)
_LAST_EVENTS = 20
_GAPS = (FindingKind.MISSING, FindingKind.FAILED)


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A run that goes on. ``progress`` in thousandths; ``remaining`` in seconds, None when nothing can be said yet;
    ``waits_for`` is why it does not go on just now."""

    run: SyncRun
    progress: int
    remaining: int | None
    waits_for: str


@dataclass(frozen=True, slots=True)
class Overview:
    """An account's connection at a glance. ``lag`` is how many seconds the last deliveries took from the processor's
    event to us: the middle one. ``gaps`` and ``drift`` count findings of the last thirty days."""

    last_event_at: datetime | None
    lag: int | None
    last_full_sync: SyncRun | None
    under_way: list[UnderWay] = field(default_factory=list)
    gaps: int = 0
    drift: int = 0
    complete_until: datetime | None = None
    compared_at: datetime | None = None


def overview(account: ProviderAccount) -> Overview:
    last_event_at, lag = _deliveries(account)
    since = clock.now() - LATELY
    counted = account.findings.filter(found_at__gte=since).order_by().values_list("kind").annotate(Count("id"))
    found: dict[str, int] = dict(counted)
    full = account.runs.filter(kind=RunKind.BACKFILL, end=RunEnd.COMPLETE).order_by("-ended_at").first()
    cursor = SyncCursor.objects.filter(account=account).first() or SyncCursor()
    gaps = sum(found.get(kind, 0) for kind in _GAPS)
    return Overview(
        last_event_at=last_event_at,
        lag=lag,
        last_full_sync=full,
        under_way=under_way(account),
        gaps=gaps,
        drift=sum(found.values()) - gaps,
        complete_until=cursor.complete_until,
        compared_at=cursor.compared_at,
    )


def under_way(account: ProviderAccount) -> list[UnderWay]:
    """Runs that have not ended, the newest first."""
    now = clock.now()
    runs = account.runs.filter(OPEN).exclude(state=State.DEAD).order_by("-pk")
    return [UnderWay(run, run.progress, remaining_seconds(run, now), run.error) for run in runs]


def findings_for_merchant(merchant: Merchant, livemode: bool) -> QuerySet[Finding, Finding]:
    """Newest first."""
    found = Finding.objects.filter(merchant=merchant, livemode=livemode)
    return (
        found.select_related("event", "account").defer("event__body", "account__api_key").order_by("-found_at", "-id")
    )


def _deliveries(account: ProviderAccount) -> tuple[datetime | None, int | None]:
    events = WebhookEvent.objects.filter(
        merchant_id=account.merchant_id, livemode=account.livemode, account=account, origin=Origin.DELIVERED
    )
    times: list[Any] = list(
        events.order_by("-received_at", "-id").values_list("received_at", "occurred_at")[:_LAST_EVENTS]
    )
    if not times:
        return None, None
    lags = sorted(max(int((received - occurred).total_seconds()), 0) for received, occurred in times)
    return times[0][0], lags[len(lags) // 2]
