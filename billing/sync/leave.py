"""Disconnect an account, and stop what is being read from it."""

from contextlib import suppress

from django.db import transaction

from billing.audit.actor import Actor
from billing.providers.disconnect import disconnect_account
from billing.providers.models import ProviderAccount
from billing.queue.models import State
from billing.sync.cancel import RunIsOver, cancel_run


def leave_account(*, account: ProviderAccount, by: Actor) -> ProviderAccount:
    """As disconnect_account; runs that are under way are asked to stop in the same transaction."""
    with transaction.atomic():
        left = disconnect_account(account=account, by=by)
        under_way = [State.PENDING, State.LEASED, State.PARKED]
        for run in left.runs.filter(state__in=under_way, cancel_asked=False):
            with suppress(RunIsOver):
                cancel_run(run=run, by=by)
    return left
