"""One payment's events end in one state, in whatever order they come and however often."""

import itertools
import json
import random
from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from django.forms.models import model_to_dict

from billing import clock
from billing.figures.models import DailyFigures
from billing.payments.models import Payment, PaymentActivity, PaymentAttempt
from billing.providers.models import ProviderAccount
from billing.webhooks.models import WebhookEvent
from tests.billing.deliveries import T0, charge, event, intent, make_connection, process_all

pytestmark = pytest.mark.django_db

Event = dict[str, Any]
DECLINED = {
    "status": "failed",
    "paid": False,
    "captured": False,
    "amount_captured": 0,
    "failure_code": "card_declined",
    "outcome": {"type": "issuer_declined"},
}
ERROR = {"code": "card_declined", "decline_code": "do_not_honor", "message": "Your card was declined."}
PAID = {"status": "succeeded", "amount_received": 2000}
# What is the same for every payment made of the same events.
IDENTITY = {"id", "public_id", "payment", "source_event", "updated_at"}


def declined_then_paid() -> list[Event]:
    """Everything but the second try within one second."""
    return [
        event("payment_intent.created", intent(), at=T0),
        event("charge.failed", charge(id="ch_1", created=T0, **DECLINED), at=T0),
        event("payment_intent.payment_failed", intent(last_payment_error=ERROR), at=T0),
        event("charge.succeeded", charge(id="ch_2", created=T0 + 1), at=T0 + 1),
        event("payment_intent.succeeded", intent(**PAID), at=T0 + 1),
    ]


def refunded_twice_in_one_second() -> list[Event]:
    return [
        event("payment_intent.succeeded", intent(**PAID), at=T0 + 1),
        event("charge.succeeded", charge(), at=T0 + 1),
        event("charge.refunded", charge(amount_refunded=500), at=T0 + 9),
        event("charge.refunded", charge(amount_refunded=2000, refunded=True), at=T0 + 9),
        # Equal in time and rank, unlike in content: only the event's id can decide.
        event("charge.updated", charge(amount_refunded=2000, refunded=True, description="late news"), at=T0 + 9),
    ]


def held_and_captured() -> list[Event]:
    held = {"captured": False, "amount_captured": 0}
    return [
        event("payment_intent.created", intent(capture_method="manual"), at=T0),
        event("charge.succeeded", charge(**held), at=T0 + 1),
        event("payment_intent.amount_capturable_updated", intent(status="requires_capture"), at=T0 + 1),
        event("charge.captured", charge(amount_captured=1500), at=T0 + 1),
        event("payment_intent.succeeded", intent(status="succeeded", amount_received=1500), at=T0 + 1),
    ]


def cancelled_after_a_decline() -> list[Event]:
    cancelled = {"status": "canceled", "cancellation_reason": "abandoned"}
    return [
        event("payment_intent.created", intent(), at=T0),
        event("charge.failed", charge(**DECLINED), at=T0 + 3),
        event("payment_intent.payment_failed", intent(last_payment_error=ERROR), at=T0 + 3),
        event("payment_intent.canceled", intent(last_payment_error=ERROR, **cancelled), at=T0 + 3),
        # An end is an end, whatever a straggler says later.
        event("payment_intent.processing", intent(status="processing"), at=T0 + 7),
    ]


STORIES = {
    declined_then_paid: ("succeeded", 2000, 0),
    refunded_twice_in_one_second: ("refunded", 2000, 2000),
    held_and_captured: ("succeeded", 1500, 0),
    cancelled_after_a_decline: ("cancelled", 0, 0),
}


@pytest.fixture
def account() -> ProviderAccount:
    return make_connection()


def keep(account: ProviderAccount, payloads: Iterable[Event]) -> None:
    """Rows as the door writes them; a second delivery of an event is none."""
    rows = [
        WebhookEvent(
            account=account,
            merchant=account.merchant,
            livemode=False,
            external_id=payload["id"],
            type=payload["type"],
            body=json.dumps(payload).encode(),
            occurred_at=clock.datetime.fromtimestamp(payload["created"], clock.UTC),
            received_at=clock.now(),
        )
        for payload in payloads
    ]
    WebhookEvent.objects.bulk_create(rows, ignore_conflicts=True)


def replay(payloads: Iterable[Event]) -> None:
    """What was processed is processed again, as after a replay by a person."""
    names = [payload["id"] for payload in payloads]
    WebhookEvent.objects.filter(external_id__in=names, state="done").update(state="pending", attempts=0)


def of_payment(number: int, story: Sequence[Event]) -> list[Event]:
    """The same events about another payment."""
    marked = [json.dumps(payload) for payload in story]
    for name in ("pi_1", "ch_1", "ch_2"):
        marked = [text.replace(f'"{name}"', f'"{name}.{number:04}"') for text in marked]
    payloads = [json.loads(text) for text in marked]
    return [{**payload, "id": f"{payload['id']}.{number:04}"} for payload in payloads]


def end_state(payment: Payment) -> str:
    """Every column of a payment, its attempts and its timeline, but for the numbers that tell payments apart."""
    suffix = payment.external_id.partition(".")[2]
    rows = [payment, *payment.attempts.order_by("external_id")]
    lines = sorted(payment.activity.values_list("type", "occurred_at", "charge_id", "status", "amount", "note"))
    columns = [{name: value for name, value in model_to_dict(row).items() if name not in IDENTITY} for row in rows]
    return json.dumps([columns, lines], default=str, sort_keys=True).replace(f".{suffix}", "")


def check(account: ProviderAccount, expected: tuple[str, int, int]) -> None:
    payments = list(Payment.objects.filter(account=account))
    assert {(one.status, one.amount_captured, one.amount_refunded) for one in payments} == {expected}
    assert len({end_state(one) for one in payments}) == 1
    figures = DailyFigures.objects.get(merchant=account.merchant, payments__gt=0)
    status, captured, refunded = expected
    assert (figures.payments, figures.amount_captured) == (len(payments), captured * len(payments))
    assert figures.amount_refunded == refunded * len(payments)
    assert figures.succeeded == len(payments) * (status not in {"failed", "cancelled"})


@pytest.mark.parametrize("story", STORIES)
def test_every_order_of_single_events_ends_alike(account, story):
    events = story()
    orders = list(itertools.permutations(events))
    payments = [of_payment(number, order) for number, order in enumerate(orders)]
    for moment in zip(*payments, strict=True):
        keep(account, moment)
        process_all()
    check(account, STORIES[story])
    assert Payment.objects.count() == len(orders) == 120
    assert PaymentActivity.objects.count() == 120 * len(events)


@pytest.mark.parametrize("story", STORIES)
def test_every_order_within_a_batch_ends_alike(account, story):
    orders = itertools.permutations(story())
    payments = [of_payment(number, order) for number, order in enumerate(orders)]
    keep(account, [payload for events in payments for payload in events])
    process_all()
    check(account, STORIES[story])
    assert Payment.objects.count() == 120


@pytest.mark.parametrize("story", STORIES)
def test_duplicates_and_replays_in_between_change_nothing(account, story):
    chance, told = random.Random(7), story()
    payments = []
    for number in range(40):
        events = of_payment(number, told)
        payments.append(chance.sample([*events, *events], 2 * len(events)))
    for moment in zip(*payments, strict=True):
        replay(moment)
        keep(account, moment)
        process_all()
    attempts = PaymentAttempt.objects.count()
    check(account, STORIES[story])
    replay(payload for events in payments for payload in events)
    process_all()
    check(account, STORIES[story])
    assert PaymentAttempt.objects.count() == attempts
