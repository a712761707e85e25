"""Events of types that nobody listens to are kept and counted; handlers may ask to wait."""

import pytest

from billing.queue.models import State
from billing.webhooks.models import Outcome, WebhookAttempt, WebhookEvent
from tests.billing.deliveries import charge, deliver, deliver_all, event, make_connection, process_all

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
    assert list(WebhookEvent.objects.order_by("pk").values_list("state", flat=True)) == ["done", "pending", "done"]


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
    with django_assert_max_num_queries(21):
        process_all()
