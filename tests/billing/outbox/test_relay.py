"""Every subscriber gets every event, whatever the others do."""

import pytest
from django.db import transaction

from billing.outbox import subscribe
from billing.outbox.models import OutboxDelivery, OutboxEvent
from billing.outbox.publish import Fact, publish
from billing.outbox.relay import DELIVERIES, OUTBOX
from billing.queue.run import claim_and_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def heard(monkeypatch):
    received: dict[str, list[str]] = {"good": [], "bad": []}
    monkeypatch.setattr(subscribe, "_subscribers", {})

    @subscribe.subscriber("tested")
    def good(events):
        received["good"] += [event.object_id for event in events]

    @subscribe.subscriber("tested")
    def bad(events):
        received["bad"] += [event.object_id for event in events]
        raise ConnectionError("cannot be reached")

    return received


def fact(number: int, type_: str = "tested") -> Fact:
    return Fact(type_, merchant_id=1, livemode=False, object_id=f"pay_{number}")


def relay() -> None:
    claim_and_run(OUTBOX)
    claim_and_run(DELIVERIES)


def test_a_failing_subscriber_delays_no_other(heard):
    publish([fact(1)])
    relay()
    assert heard["good"] == ["pay_1"]
    assert list(OutboxDelivery.objects.order_by("subscriber").values_list("state", flat=True)) == ["pending", "done"]


def test_a_subscriber_gets_a_batch_at_once(heard, monkeypatch):
    publish([fact(1), fact(2)])
    relay()
    assert sorted(heard["good"]) == ["pay_1", "pay_2"]


def test_events_without_subscribers_are_done(heard):
    publish([fact(1, "nobody cares")])
    relay()
    assert OutboxEvent.objects.get().state == "done"
    assert not OutboxDelivery.objects.exists()


def test_fanning_out_twice_makes_no_second_delivery(heard):
    publish([fact(1)])
    claim_and_run(OUTBOX)
    OutboxEvent.objects.update(state="pending", attempts=0)
    claim_and_run(OUTBOX)
    assert OutboxDelivery.objects.count() == 2


def test_a_change_that_is_undone_says_nothing(heard):
    with pytest.raises(ValueError, match="undone"), transaction.atomic():
        publish([fact(1)])
        raise ValueError("undone")
    assert not OutboxEvent.objects.exists()


def test_a_delivery_for_a_subscriber_that_is_gone_is_not_lost(heard):
    publish([fact(1)])
    claim_and_run(OUTBOX)
    subscribe._subscribers["tested"].clear()
    claim_and_run(DELIVERIES)
    assert set(OutboxDelivery.objects.values_list("state", flat=True)) == {"pending"}
    assert "SubscriberGone" in OutboxDelivery.objects.first().error
