"""After ninety days bodies are emptied; what happened stays known."""

from datetime import timedelta

import pytest
import time_machine

from billing import clock
from billing.outbox.models import OutboxEvent
from billing.payments.models import PaymentActivity
from billing.webhooks.models import WebhookEvent
from billing.webhooks.prune import prune
from billing.webhooks.replay import EventNotKept, replay_event, replay_many
from tests.billing.deliveries import charge, deliver, deliver_all, event, make_connection
from tests.billing.factories import TESTER

pytestmark = pytest.mark.django_db


def make_old(days: int):
    account = make_connection()
    with time_machine.travel(clock.now() - timedelta(days=days)):
        deliver_all(account, [event("charge.succeeded", charge())])
        OutboxEvent.objects.update(state="done")
    return account


def test_old_bodies_go_and_their_effects_stay():
    make_old(91)
    assert prune() == 2
    row = WebhookEvent.objects.get()
    assert not row.is_kept
    assert row.type == "charge.succeeded"
    assert PaymentActivity.objects.get().event == row
    assert not OutboxEvent.objects.exists()
    assert prune() == 0


def test_younger_ones_stay():
    make_old(89)
    assert prune() == 0
    assert WebhookEvent.objects.get().is_kept


def test_a_clock_ahead_of_the_databases_waits():
    account = make_connection()
    now = clock.now()
    with time_machine.travel(now - timedelta(days=90) + timedelta(minutes=1)):
        deliver_all(account, [event("charge.succeeded", charge())])
    with time_machine.travel(now + timedelta(minutes=5)):
        assert prune() == 0
    assert WebhookEvent.objects.get().is_kept


def test_events_that_have_not_taken_effect_stay():
    account = make_connection()
    with time_machine.travel(clock.now() - timedelta(days=400)):
        deliver(account, event("charge.succeeded", charge()))
    assert prune() == 0


def test_what_is_gone_cannot_be_replayed():
    account = make_old(91)
    prune()
    with pytest.raises(EventNotKept):
        replay_event(event=WebhookEvent.objects.get(), by=TESTER)
    now = clock.now()
    matched = replay_many(
        merchant=account.merchant,
        livemode=None,
        type_="",
        since=now - timedelta(days=200),
        until=now,
        only_dead=False,
        dry_run=True,
        by=TESTER,
    )
    assert matched.matched == 0
