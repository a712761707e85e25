"""Begin to read an account from the processor's side."""

from datetime import datetime

from django.db import IntegrityError, transaction

from billing import clock
from billing.audit.actor import Actor
from billing.audit.record import record
from billing.providers.models import ConnectionStatus, ProviderAccount
from billing.queue.models import OPEN, State
from billing.queue.nudge import nudge
from billing.sync.models import RunKind, SyncRun


class RunUnderWay(Exception):
    """A run of this kind is going on for the account; ``run`` is it."""

    def __init__(self, run: SyncRun) -> None:
        super().__init__(run.public_id)
        self.run = run


class NotConnected(Exception):
    """The account is disconnected: there is no key to ask with."""


def start_run(*, account: ProviderAccount, kind: RunKind, by: Actor, since: datetime | None = None) -> SyncRun:
    """A run that a worker takes up at once. ``since`` (UTC) leaves out what was created before it. Raises RunUnderWay,
    NotConnected."""
    if account.status != ConnectionStatus.CONNECTED:
        raise NotConnected(account.public_id)
    with transaction.atomic():
        run = _create(account, kind, by=by, since=since)
        record(
            merchant_id=account.merchant_id,
            actor=by,
            action="sync.started",
            object_type="connection",
            object_id=account.public_id,
            after={"run": run.public_id, "kind": kind, "since": since},
        )
        nudge("sync")
    return run


def schedule_run(*, account: ProviderAccount, kind: RunKind, since: datetime | None = None) -> SyncRun | None:
    """The same by our own clock, without a line in the audit trail; None when one is under way."""
    with transaction.atomic():
        try:
            run = _create(account, kind, by=None, since=since)
        except RunUnderWay:
            return None
        nudge("sync")
    return run


def _create(account: ProviderAccount, kind: RunKind, *, by: Actor | None, since: datetime | None) -> SyncRun:
    try:
        with transaction.atomic():
            return SyncRun.objects.create(
                account=account,
                kind=kind,
                since=since,
                asked_by=by.label[:200] if by else "",
                asked_at=clock.now(),
            )
    except IntegrityError:
        under_way = SyncRun.objects.filter(OPEN, account=account, kind=kind).exclude(state=State.DEAD).first()
        if under_way is None:
            raise
        raise RunUnderWay(under_way) from None
