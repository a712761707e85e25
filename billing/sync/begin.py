"""The first reading of an account that was just connected."""

from django.db import transaction

from billing.audit.actor import Actor
from billing.providers.models import ProviderAccount
from billing.sync.models import RunEnd, RunKind, SyncRun
from billing.sync.start import NotConnected, RunUnderWay, start_run


def begin_sync(*, account: ProviderAccount, by: Actor) -> SyncRun | None:
    """A full sync, unless one was asked for since the account was connected and was not given up. Raises
    NotConnected."""
    if not account.is_connected:
        raise NotConnected(account.public_id)
    given_up = [RunEnd.CANCELLED, RunEnd.FAILED]
    with transaction.atomic():
        runs = account.runs.filter(kind=RunKind.BACKFILL, asked_at__gte=account.connected_at)
        if runs.exclude(end__in=given_up).exists():
            return None
        try:
            return start_run(account=account, kind=RunKind.BACKFILL, by=by)
        except RunUnderWay as under_way:
            return under_way.run
