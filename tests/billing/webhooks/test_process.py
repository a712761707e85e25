"""Events of types that nobody listens to are kept and counted; handlers may ask to wait."""

import pytest

from billing import clock
from billing.outbox.models import OutboxEvent
from billing.payments.models import Payment
from billing.queue.backoff import MAX_PARKED
from billing.queue.models import State
from billing.webhooks.models import Outcome, WebhookAttempt, WebhookEvent
from tests.billing.deliveries import T0, charge, deliver, deliver_all, event, intent, make_connection, process_all

pytestmark = pytest.mark.django_db


def test_types_without_a_handler_are_ignored():
    deliver_all(make_connection(), [event("product.created", {"id": "prod_1", "object": "product"})])
    row = WebhookEvent.objects.get()
    assert (row.state, row.outcome) == (State.DONE, Outcome.IGNORED)


def test_one_unreadable_event_does_not_hold_up_the_others():
    account = make_connection()
    deliver(account, event("charge.succeeded", charge(id="ch_1", payment_intent=None)))
    deliver(account, event("charge.succeeded", charge(id="ch_2", payment_intent=None, amount=None)))
    deliver(account, event("charge.succeeded", charge(id="ch_3", payment_intent=None)))
    process_all()
    assert list(WebhookEvent.objects.order_by("pk").values_list("state", flat=True)) == ["done", "dead", "done"]


def test_an_unreadable_event_is_a_dead_letter_at_once():
    deliver_all(make_connection(), [event("charge.succeeded", charge(amount=None))])
    row = WebhookEvent.objects.get()
    assert (row.state, row.attempts, row.next_attempt_at) == (State.DEAD, 1, None)
    attempt = WebhookAttempt.objects.get()
    assert (attempt.result, attempt.message) == ("dead", row.error)
    assert row.error.startswith("UnreadableObject: amount")
    assert OutboxEvent.objects.filter(type="webhook.dead", object_id=row.public_id).exists()


def test_an_attempt_says_what_it_made():
    deliver_all(make_connection(), [event("payment_intent.created", intent())])
    assert WebhookAttempt.objects.get().effects == [["created", "payment", Payment.objects.get().public_id]]


def test_an_event_without_its_parent_says_what_it_waits_for():
    refund = {"id": "re_1", "object": "refund", "charge": "ch_1", "amount": 500, "currency": "eur", "created": T0}
    deliver_all(make_connection(), [event("refund.created", {**refund, "status": "succeeded"})])
    row = WebhookEvent.objects.get()
    assert (row.state, row.waits_for, row.error) == (State.PARKED, "ch_1", "ch_1 is not here yet")


def test_a_parent_wakes_what_waits_for_it():
    account = make_connection()
    refund = {"id": "re_1", "object": "refund", "charge": "ch_1", "amount": 500, "currency": "eur", "created": T0}
    deliver_all(account, [event("refund.created", {**refund, "status": "succeeded"})])
    deliver_all(account, [event("charge.succeeded", charge())])
    assert set(WebhookEvent.objects.values_list("state", flat=True)) == {State.DONE}
    assert Payment.objects.get().amount_refunded == 500


def test_what_waited_in_vain_is_a_dead_letter_that_pages_hear_of():
    account = make_connection()
    refund = {"id": "re_1", "object": "refund", "charge": "ch_1", "amount": 500, "currency": "eur", "created": T0}
    row = deliver(account, event("refund.created", {**refund, "status": "succeeded"}))
    WebhookEvent.objects.update(attempts=MAX_PARKED - 1, next_attempt_at=clock.now())
    process_all()
    row.refresh_from_db()
    assert (row.state, row.attempts) == (State.DEAD, MAX_PARKED)
    assert OutboxEvent.objects.filter(type="webhook.dead", object_id=row.public_id).count() == 1
    newest = row.runs.order_by("-number").first()
    assert (newest.result, newest.message) == (Outcome.DEAD, "ch_1 is not here yet")


def test_a_parent_that_comes_too_late_brings_back_what_was_given_up():
    """Its event was lost, and the search for lost events could not ask for days."""
    account = make_connection()
    refund = {"id": "re_1", "object": "refund", "charge": "ch_1", "amount": 500, "currency": "eur", "created": T0}
    deliver_all(account, [event("refund.created", {**refund, "status": "succeeded"})])
    WebhookEvent.objects.update(state=State.DEAD, attempts=MAX_PARKED, next_attempt_at=None)
    deliver_all(account, [event("charge.succeeded", charge())])
    process_all()
    assert set(WebhookEvent.objects.values_list("state", flat=True)) == {State.DONE}
    assert Payment.objects.get().amount_refunded == 500


def test_each_attempt_is_remembered():
    deliver_all(make_connection(), [event("charge.succeeded", charge())])
    attempt = WebhookAttempt.objects.get()
    assert (attempt.number, attempt.result, attempt.message) == (1, "changed", "")
    assert attempt.worker


@pytest.mark.parametrize("count", [2, 40])
def test_a_batch_costs_the_same_number_of_queries(django_assert_max_num_queries, count):
    account = make_connection()
    for number in range(count):
        deliver(account, event("charge.succeeded", charge(id=f"ch_{number}", payment_intent=f"pi_{number}")))
    with django_assert_max_num_queries(23):
        process_all()
