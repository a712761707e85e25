"""Replays are safe to repeat, say when nothing changed, and are remembered."""

from datetime import timedelta

import pytest

from billing import clock
from billing.audit.models import AuditEvent
from billing.payments.models import Payment
from billing.queue.claim import FRESH, claim
from billing.queue.models import State
from billing.webhooks.models import Outcome, WebhookEvent
from billing.webhooks.replay import EventBusy, RangeChanged, replay_event, replay_many
from tests.billing.deliveries import charge, deliver, deliver_all, event, intent, make_connection, process_all
from tests.billing.factories import TESTER

pytestmark = pytest.mark.django_db


def test_an_event_that_took_effect_says_no_change():
    account = make_connection()
    deliver_all(account, [event("charge.succeeded", charge())])
    replayed = replay_event(event=WebhookEvent.objects.get(), by=TESTER)
    assert (replayed.state, replayed.outcome) == (State.DONE, Outcome.NO_CHANGE)
    assert list(replayed.runs.order_by("number").values_list("number", "result", "asked_by")) == [
        (1, "changed", ""),
        (2, "no_change", TESTER.label),
    ]
    assert Payment.objects.get().attempts.count() == 1


def test_a_dead_letter_takes_effect_once_its_cause_is_gone():
    account = make_connection()
    row = deliver(account, event("charge.succeeded", charge()))
    WebhookEvent.objects.filter(pk=row.pk).update(state=State.DEAD, attempts=8, error="ValueError: then")
    replayed = replay_event(event=row, by=TESTER)
    assert (replayed.state, replayed.outcome, replayed.attempts, replayed.error) == ("done", "changed", 1, "")


def test_an_event_that_fails_again_says_so():
    row = deliver(make_connection(), event("charge.succeeded", charge(amount="much")))
    process_all()
    replayed = replay_event(event=row, by=TESTER)
    assert (replayed.state, replayed.attempts) == ("dead", 1)
    assert list(replayed.runs.order_by("number").values_list("number", "asked_by")) == [(1, ""), (2, TESTER.label)]


def test_an_event_that_a_worker_holds_is_left_to_it():
    row = deliver(make_connection(), event("charge.succeeded", charge()))
    claim(WebhookEvent, FRESH, limit=1, now=clock.now())
    with pytest.raises(EventBusy):
        replay_event(event=row, by=TESTER)


def test_a_replay_is_in_the_audit_trail():
    account = make_connection()
    row = deliver(account, event("charge.succeeded", charge()))
    replay_event(event=row, by=TESTER)
    entry = AuditEvent.objects.get(action="event.replayed")
    assert (entry.merchant_id, entry.object_id, entry.actor_label) == (account.merchant_id, row.public_id, "Tester")


def test_a_range_is_counted_first_and_replayed_then():
    account, other = make_connection(), make_connection()
    for number in range(3):
        deliver(account, event("charge.succeeded", charge(id=f"ch_{number}")))
    deliver(account, event("payment_intent.created", intent()))
    deliver(other, event("charge.succeeded", charge()))
    process_all()
    now = clock.now()
    wanted = {
        "merchant": account.merchant,
        "livemode": False,
        "type_": "charge.succeeded",
        "since": now - timedelta(hours=1),
        "until": now + timedelta(hours=1),
        "only_dead": False,
        "by": TESTER,
    }
    assert replay_many(dry_run=True, **wanted).matched == 3
    assert not WebhookEvent.objects.filter(state=State.PENDING).exists()
    assert replay_many(dry_run=False, **wanted).requeued == 3
    process_all()
    assert WebhookEvent.objects.filter(outcome=Outcome.NO_CHANGE).count() == 3


def test_a_range_with_another_number_than_agreed_is_left_alone():
    account = make_connection()
    deliver_all(account, [event("charge.succeeded", charge()), event("payment_intent.created", intent())])
    now = clock.now()
    wanted = {
        "merchant": account.merchant,
        "livemode": False,
        "type_": "",
        "only_dead": False,
        "by": TESTER,
        "since": now - timedelta(hours=1),
        "until": now + timedelta(hours=1),
    }
    with pytest.raises(RangeChanged):
        replay_many(dry_run=False, expected=3, **wanted)
    assert not WebhookEvent.objects.filter(state=State.PENDING).exists()
    assert not AuditEvent.objects.filter(action="event.replayed").exists()
    assert replay_many(dry_run=False, expected=2, **wanted).requeued == 2


def test_a_dry_run_counts_each_type_and_a_dot_asks_for_all_that_begin_so():
    account = make_connection()
    deliver_all(account, [event(type_, charge()) for type_ in ("charge.succeeded", "charge.updated", "charge.updated")])
    wanted = {
        "merchant": account.merchant,
        "livemode": False,
        "only_dead": False,
        "by": TESTER,
        "dry_run": True,
        "since": clock.now() - timedelta(hours=1),
        "until": clock.now() + timedelta(hours=1),
    }
    assert list(replay_many(type_="charge.", **wanted).by_type.items()) == [
        *(("charge.updated", 2), ("charge.succeeded", 1))
    ]
    assert replay_many(type_="charge", **wanted).matched == 0
