"""What comes round by itself for each account that has been read once."""

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.db.models import OuterRef, Q, Subquery

from billing import clock
from billing.providers.models import ConnectionStatus, ProviderAccount
from billing.queue.models import State
from billing.sync.models import RunKind, SyncRun
from billing.sync.start import schedule_run

# How often it is looked whose turn it is.
EVERY = timedelta(minutes=1)
_KEPT_FOR = timedelta(days=30)


def search_for_gaps() -> int:
    """Begin a search for each account whose last one ended long enough ago; answers how many."""
    return _begin(RunKind.GAPS, timedelta(seconds=settings.SYNC_GAPS_SECONDS))


def compare_recent() -> int:
    return _begin(RunKind.DRIFT, timedelta(seconds=settings.SYNC_DRIFT_SECONDS))


def forget_runs() -> int:
    """Delete searches and comparisons that ended a month ago; what they found stays."""
    old = SyncRun.objects.filter(ended_at__lt=clock.now() - _KEPT_FOR, state__in=[State.DONE, State.DEAD])
    deleted, _ = old.exclude(kind=RunKind.BACKFILL).delete()
    return deleted


def _begin(kind: RunKind, every: timedelta) -> int:
    return sum(schedule_run(account=account, kind=kind) is not None for account in _due(kind, every))


def _due(kind: RunKind, every: timedelta) -> Iterator[ProviderAccount]:
    now = clock.now()
    # What ended in the future here was noted by another machine, whose clock differs: it says nothing.
    due = Q(last__isnull=True) | Q(last__lte=now - every) | Q(last__gt=now + every)
    accounts = ProviderAccount.objects.filter(status=ConnectionStatus.CONNECTED, cursor__complete_until__isnull=False)
    # One step along the index for each account; a maximum of all their runs would read a month of them every minute.
    ended = SyncRun.objects.filter(account=OuterRef("pk"), kind=kind, ended_at__isnull=False).order_by("-ended_at")
    yield from accounts.annotate(last=Subquery(ended.values("ended_at")[:1])).filter(due).order_by("pk")
