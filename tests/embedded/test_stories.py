"""The demo's payments: believable, and such as Stripe could have sent them."""

import json
import random
from collections import Counter, defaultdict

import pytest

from portal.embedded.demo import MERCHANT_ROLES, NAMES, STAFF_ROLES
from portal.embedded.shops import ACME, GLOBEX, SHOPS, converted
from portal.embedded.stories import DAY, tell_history, tell_story

NOW = 1_795_000_000
INTENT_STATES = {"requires_payment_method", "requires_action", "requires_capture", "succeeded", "canceled"}


@pytest.fixture(scope="module")
def history():
    return {shop.slug: list(tell_history(shop, until=NOW, days=90)) for shop in SHOPS}


def objects(events):
    return [event["data"]["object"] for event in events]


def test_the_same_history_is_told_every_time(history):
    assert list(tell_history(ACME, until=NOW, days=90)) == history["acme"]


def test_it_lies_in_the_past_and_its_ids_are_unique(history):
    events = [event for told in history.values() for event in told]
    assert all(NOW - 91 * DAY < event["created"] <= NOW for event in events)
    assert len({event["id"] for event in events}) == len(events)


def test_several_hundred_payments_in_each_shops_currencies(history):
    started = {
        slug: Counter(each["data"]["object"]["currency"] for each in told if each["type"] == "payment_intent.created")
        for slug, told in history.items()
    }
    assert set(started["acme"]) == {"eur", "jpy", "kwd"}
    assert set(started["globex"]) == {"kes"}
    assert started["acme"].total() > 400
    assert started["globex"].total() > 200
    assert min(started["acme"].values()) >= 20


def test_every_fate_of_a_payment_occurs(history):
    told = Counter(event["type"] for event in history["acme"])
    assert set(told) == {
        "payment_intent.created",
        "payment_intent.succeeded",
        "payment_intent.payment_failed",
        "payment_intent.amount_capturable_updated",
        "payment_intent.requires_action",
        "payment_intent.canceled",
        "charge.succeeded",
        "charge.failed",
        "charge.captured",
        "charge.refunded",
    }
    reasons = {each["outcome"]["reason"] for each in objects(history["acme"]) if each["object"] == "charge"}
    assert {"insufficient_funds", "expired_card", "highest_risk_level"} <= reasons


def test_amounts_are_whole_steps_of_their_currency_and_never_exceed_what_was_paid(history):
    for each in objects(history["acme"] + history["globex"]):
        step = {"jpy": 10, "kwd": 10}.get(each["currency"], 1)
        assert each["amount"] > 0
        assert each["amount"] % step == 0
        if each["object"] == "charge":
            assert 0 <= each["amount_refunded"] <= each["amount_captured"] <= each["amount"]
            assert each["amount_refunded"] % step == 0
        else:
            assert each["status"] in INTENT_STATES
            assert each["amount_received"] == (each["amount"] if each["status"] == "succeeded" else 0)


def test_customers_come_back_with_the_same_card(history):
    cards = defaultdict(set)
    visits = Counter()
    for each in objects(history["acme"]):
        if each["object"] == "charge":
            cards[each["customer"]].add(each["payment_method_details"]["card"]["fingerprint"])
            visits[each["customer"]] += 1
    assert max(visits.values()) > 20
    assert all(len(fingerprints) == 1 for fingerprints in cards.values())


def test_events_can_be_sent_and_are_told_in_order():
    chance = random.Random(7)
    for number in range(200):
        events = tell_story(GLOBEX, chance, at=NOW, number=number, pace=60)
        moments = [event["created"] for event in events]
        assert moments == sorted(moments)
        # At this pace nobody waits longer than a quarter of an hour for what becomes of a payment.
        assert moments[-1] - NOW < 900
        assert json.loads(json.dumps(events)) == events


def test_prices_abroad():
    assert converted(5_000, "EUR") == 5_000
    assert converted(5_000, "JPY") == 8_100
    assert converted(5_000, "KWD") == 16_700


def test_each_role_has_somebody():
    assert set(NAMES) == {"acme", "globex", "staff"}
    assert len(NAMES["acme"]) == len(NAMES["globex"]) == len(MERCHANT_ROLES)
    assert len(NAMES["staff"]) == len(STAFF_ROLES)
