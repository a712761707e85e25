"""Events that nobody here wrote go through the real door: kept once, processed without a crash, no money invented.

They are old, contradict themselves and repeat their ids, so each gets an id made of its file's name.
"""

import http.client
import json
import os
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.forms.models import model_to_dict

from billing.customers.models import Customer, PaymentMethod
from billing.figures.models import DailyFigures
from billing.invoices.models import ProviderInvoice
from billing.payments.models import Payment, PaymentAttempt
from billing.payouts.models import Payout
from billing.providers.base import UnreadableObject
from billing.providers.models import ProviderAccount
from billing.providers.registry import adapter
from billing.refunds.models import Refund
from billing.webhooks.models import WebhookAttempt, WebhookEvent
from disputes.models import Dispute, EarlyWarning, Review
from tests.billing.deliveries import make_connection, signature
from tests.billing.factories import make_merchant
from tests.stack import Stack

FOLDERS = ("stripe-sync-engine-events", "stripe-ruby-mock-events")
COUNT = 159
ORDERS = int(os.environ.get("COUNTERFOIL_ORDERS", "4"))
# Rows of different merchants have these of their own.
IDENTITY = {"id", "public_id", "merchant", "account", "payment", "source_event", "updated_at"}
MIRRORED = (PaymentAttempt, Customer, PaymentMethod, Refund, Dispute, EarlyWarning, Review, Payout, ProviderInvoice)
# What belongs to a payment, by what its object is called.
CHILDREN = {"refund", "dispute", "radar.early_fraud_warning", "review"}

corpora = os.environ.get("COUNTERFOIL_CORPORA", "")
pytestmark = pytest.mark.skipif(
    not corpora,
    reason="COUNTERFOIL_CORPORA names no folder of third-party events (stripe-sync-engine, stripe-ruby-mock)",
)

Event = dict[str, Any]


def read_events() -> list[Event]:
    files = [file for folder in FOLDERS for file in sorted(Path(corpora, folder, "events").glob("*.json"))]
    return [{**json.loads(file.read_text()), "id": f"evt_{file.parts[-3]}_{file.stem}"} for file in files]


def is_payment(event: Event) -> bool:
    target = event["data"]["object"].get("object")
    return (event["type"].split(".")[0], target) in {("charge", "charge"), ("payment_intent", "payment_intent")}


@dataclass
class Shop:
    """A merchant with a connection for each mode, and the order in which its events came."""

    connections: dict[bool, ProviderAccount]
    order: list[Event]

    def events(self):
        return WebhookEvent.objects.filter(account__in=self.connections.values())


@pytest.fixture(scope="module")
def told() -> list[Event]:
    events = read_events()
    assert len(events) == len({event["id"] for event in events}) == COUNT
    return events


@pytest.fixture
def shops(live_stack: Stack, told: list[Event]) -> list[Shop]:
    """The same events in some random orders, a third of them twice, each order to a merchant of its own."""
    made = []
    for seed in range(ORDERS):
        chance, merchant = random.Random(seed), make_merchant()
        connections = {livemode: make_connection(merchant, livemode=livemode) for livemode in (False, True)}
        order = [*told, *chance.sample(told, len(told) // 3)]
        chance.shuffle(order)
        made.append(Shop(connections, order))
        assert set(deliver(live_stack, made[-1])) == {200}
    wait_until_processed(made)
    return made


def deliver(stack: Stack, shop: Shop) -> Iterator[int]:
    line = http.client.HTTPConnection("127.0.0.1", stack.port, timeout=20)
    for event in shop.order:
        body = json.dumps(event).encode()
        path = f"/webhooks/stripe/{shop.connections[event['livemode']].public_id}/"
        line.request("POST", path, body, {"Stripe-Signature": signature(body), "Content-Type": "application/json"})
        with line.getresponse() as answer:
            answer.read()
            yield answer.status
    line.close()


def wait_until_processed(shops: list[Shop], within: float = 30) -> None:
    deadline = time.monotonic() + within
    while any(shop.events().filter(state__in=["pending", "leased"]).exists() for shop in shops):
        assert time.monotonic() < deadline, "events are still waiting"
        time.sleep(0.05)


def what_is_here(shop: Shop, model: Any) -> Any:
    return model.objects.filter(account__in=shop.connections.values()).order_by("external_id", "account__livemode")


def end_state(shop: Shop) -> str:
    payments = what_is_here(shop, Payment)
    others = [row for model in MIRRORED[1:] for row in what_is_here(shop, model)]
    attempts = PaymentAttempt.objects.filter(account__in=shop.connections.values()).order_by("external_id")
    figures = DailyFigures.objects.filter(merchant=payments[0].merchant, payments__gt=0)
    figures = figures.order_by("day", "currency", "livemode")
    rows = [model_to_dict(row) for row in (*payments, *attempts, *figures, *others)]
    lines = [
        [
            payment.external_id,
            *sorted(payment.activity.values_list("type", "occurred_at", "charge_id", "status", "amount")),
        ]
        for payment in payments
    ]
    columns = [{name: value for name, value in row.items() if name not in IDENTITY} for row in rows]
    return json.dumps([columns, lines], default=str, sort_keys=True, indent=1)


def test_events_of_others_go_through_the_door(shops, told):
    translate = adapter("stripe").translate
    neutral: dict[str, Any] = {}
    for event in told:
        try:
            neutral[event["id"]] = translate(event)
        except UnreadableObject:
            neutral[event["id"]] = UnreadableObject
    for shop in shops:
        assert shop.events().count() == COUNT
        states = dict(shop.events().values_list("external_id", "state"))
        outcomes = dict(shop.events().values_list("external_id", "outcome"))
        # A type that nobody listens to is kept and counted, and nothing else.
        assert {id_ for id_, outcome in outcomes.items() if outcome == "ignored"} == {
            id_ for id_, event in neutral.items() if event is None
        }
        # What says too little waits for a person, with its reason.
        assert {id_ for id_, state in states.items() if state == "dead"} == {
            id_ for id_, event in neutral.items() if event is UnreadableObject
        }
        assert not WebhookAttempt.objects.filter(event__in=shop.events(), result="failed").exists()


def test_children_without_their_payment_wait_for_it(shops, told):
    attempts = {attempt.external_id for attempt in what_is_here(shops[0], PaymentAttempt)}
    payments = {payment.external_id for payment in what_is_here(shops[0], Payment)}
    for shop in shops:
        waiting = shop.events().filter(state="parked")
        assert waiting
        for event in waiting:
            assert event.object_type in CHILDREN
            assert event.waits_for
            assert event.waits_for not in attempts | payments


def test_all_orders_end_in_one_state(shops):
    first, *others = (end_state(shop) for shop in shops)
    for other in others:
        assert other == first


def test_no_money_is_invented(shops, told):
    """What is captured or refunded was said by some event about that very charge or intent."""
    said: dict[str, int] = {}
    for event in filter(is_payment, told):
        source = event["data"]["object"]
        succeeded = source.get("status") == "succeeded" or source.get("paid") is True
        captured = source.get("amount_captured", source.get("amount_received", source["amount"])) if succeeded else 0
        for name in (source["id"], source.get("payment_intent")):
            if name:
                said[name] = max(said.get(name, 0), captured)
    payments = Payment.objects.filter(account__in=shops[0].connections.values())
    assert payments
    for payment in payments:
        assert payment.amount_captured <= said[payment.external_id]
        assert payment.amount_refunded <= payment.amount_captured
