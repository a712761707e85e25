"""What pages ask about payments."""

from datetime import timedelta

import pytest
import time_machine

from billing import clock
from billing.payments.models import Payment
from billing.payments.queries import load_of_any_merchant, raw_objects
from billing.webhooks.prune import prune
from tests.billing.deliveries import T0, charge, deliver_all, event, intent, make_connection

pytestmark = pytest.mark.django_db


def raw_of_the_payment() -> dict[str, str]:
    payment = Payment.objects.get()
    record = load_of_any_merchant(payment.public_id)
    return {object_id: found["status"] for object_id, found in raw_objects(record).items()}


def test_the_processors_objects_are_those_of_the_newest_events() -> None:
    older = event("payment_intent.created", intent(), at=T0)
    newer = event("payment_intent.succeeded", intent(status="succeeded", amount_received=2000), at=T0 + 2)
    deliver_all(make_connection(), [newer, older, event("charge.succeeded", charge(), at=T0 + 2)])
    assert raw_of_the_payment() == {"ch_1": "succeeded", "pi_1": "succeeded"}


def test_objects_whose_events_lost_their_bodies_are_left_out() -> None:
    account = make_connection()
    with time_machine.travel(clock.now() - timedelta(days=100)):
        deliver_all(account, [event("payment_intent.created", intent())])
    deliver_all(account, [event("charge.succeeded", charge(), at=T0 + 2)])
    assert prune() > 0
    assert raw_of_the_payment() == {"ch_1": "succeeded"}
