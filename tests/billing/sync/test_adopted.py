"""Accounts that came by themselves are read once, from their beginning."""

import pytest

from billing.audit.actor import SYSTEM
from billing.outbox.models import OutboxDelivery, OutboxEvent
from billing.outbox.relay import DELIVERIES, OUTBOX
from billing.providers.adopt import adopt_account
from billing.queue.models import State
from billing.queue.run import claim_and_run
from billing.sync.models import RunKind, SyncRun
from tests.billing.deliveries import make_connection

pytestmark = pytest.mark.django_db


def relay() -> None:
    for queue in (OUTBOX, DELIVERIES):
        claim_and_run(queue)


def test_an_adopted_account_is_read_once_however_often_it_is_told():
    account = adopt_account(platform=make_connection(is_platform=True), external_account="acct_1", by=SYSTEM)
    relay()
    run = SyncRun.objects.get()
    assert (run.account, run.kind, run.since) == (account, RunKind.BACKFILL, None)
    for state in (State.PENDING, State.DONE):
        SyncRun.objects.update(state=state)
        OutboxEvent.objects.update(state=State.PENDING, attempts=0)
        OutboxDelivery.objects.all().delete()
        relay()
        assert SyncRun.objects.count() == 1


def test_an_account_that_left_meanwhile_is_not_read():
    account = adopt_account(platform=make_connection(is_platform=True), external_account="acct_1", by=SYSTEM)
    type(account).objects.filter(pk=account.pk).update(status="disconnected")
    relay()
    assert not SyncRun.objects.exists()
