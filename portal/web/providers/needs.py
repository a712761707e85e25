"""Which connections need somebody, asked of the database: lists and counts of all merchants cannot look at each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from billing import clock
from billing.providers import scopes
from billing.providers.models import ConnectionStatus, ProviderAccountQuerySet, WebhookSecret
from billing.queue.models import State
from billing.sync.models import RunEnd, RunKind, SyncRun
from billing.sync.standing import UNDER_WAY


@dataclass(frozen=True, slots=True)
class Need:
    label: str | Promise
    family: str
    among: Callable[[ProviderAccountQuerySet], ProviderAccountQuerySet]


def need_action(accounts: ProviderAccountQuerySet) -> ProviderAccountQuerySet:
    """Those whose card says "action required" (card.py): nothing works until somebody mends them."""
    unexpired = Q(expires_at__isnull=True) | Q(expires_at__gt=clock.now())
    opens = WebhookSecret.objects.filter(unexpired, account=OuterRef("pk"))
    lacking = reduce(or_, (Q(granted__has_key=what) & ~Q(**{f"granted__{what}": ""}) for what in scopes.ESSENTIAL))
    broken = ~Q(refusal="") | (Q(platform__isnull=True) & ~Exists(opens)) | lacking
    return accounts.filter(broken, status=ConnectionStatus.CONNECTED)


def sync_failed(accounts: ProviderAccountQuerySet) -> ProviderAccountQuerySet:
    """Those whose last full sync stopped before its end."""
    ended = SyncRun.objects.filter(~UNDER_WAY, account=OuterRef("pk"), kind=RunKind.BACKFILL).order_by("-asked_at")
    newest = accounts.annotate(
        last_end=Subquery(ended.values("end")[:1]), last_state=Subquery(ended.values("state")[:1])
    )
    failed = Q(last_end=RunEnd.FAILED) | Q(last_state=State.DEAD)
    return newest.filter(failed, status=ConnectionStatus.CONNECTED)


NEEDS: Mapping[str, Need] = {
    "action": Need(_("Action required"), "danger", need_action),
    "sync": Need(_("Last sync failed"), "warn", sync_failed),
}
