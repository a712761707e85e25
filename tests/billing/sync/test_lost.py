"""A merchant's lived month of which one event in twenty never comes, and a silence that no list of events reaches."""

import json
import random
from datetime import timedelta

import pytest

from billing.sync.models import FindingKind, RunKind
from billing.webhooks.models import WebhookEvent
from tests.billing.deliveries import deliver
from tests.billing.sync.shop import Shop

pytestmark = pytest.mark.django_db
PAYMENTS, DAYS = 25, 14


@pytest.fixture
def lived(shop: Shop) -> Shop:
    """A shop with some history, read from its processor."""
    live(shop, days=40)
    shop.sync()
    assert shop.differences() == []
    return shop


def live(shop: Shop, *, days: int) -> None:
    shop.simulator.control("POST", "/worlds", key=shop.key, profile="outdoor", payments=PAYMENTS, days=days, wait=True)


def listened(shop: Shop, body: bytes) -> bool:
    return shop.peer.translate(json.loads(body)) is not None


def test_what_one_delivery_in_twenty_lost_is_found_and_nothing_else(lived: Shop):
    chance, since = random.Random(20_261_129), lived.now
    live(lived, days=DAYS)
    lived.passes(minutes=5)
    lost = set()
    for event in lived.events(since - timedelta(seconds=1)):
        if chance.random() < 0.05 and listened(lived, event.body):
            lost.add(event.callback.event_id)
        else:
            deliver(lived.account, json.loads(event.body))
    lived.settle()
    lived.sync(RunKind.GAPS)
    lived.settle()
    assert lived.differences() == []
    found = lived.findings()
    assert len(lost) > 3
    assert {each.event_external_id for each in found} == lost
    assert {each.kind for each in found} == {FindingKind.MISSING}
    # A second look is a false alarm if it finds anything at all.
    lived.sync(RunKind.GAPS)
    lived.sync(RunKind.DRIFT)
    new = [(each.kind, each.object_type, each.field, each.ours, each.theirs) for each in lived.findings()[len(found) :]]
    assert new == []


def test_after_a_silence_of_more_than_a_month_everything_is_here(lived: Shop):
    count = WebhookEvent.objects.count()
    live(lived, days=35)
    lived.sync(RunKind.GAPS)
    lived.settle()
    assert WebhookEvent.objects.count() == count
    assert lived.differences() == []
    found = lived.findings()
    assert {each.kind for each in found} <= {FindingKind.ABSENT, FindingKind.DIFFERENT}
    assert all(each.amount is not None for each in found if each.object_type not in ("customer", "payment_method"))
    made = {each.object_id for each in found if (each.object_type, each.kind) == ("charge", FindingKind.ABSENT)}
    charges = lived.client.v1.charges.list({"limit": 100, "created": {"gte": int(lived.now.timestamp()) - 35 * 86_400}})
    assert {charge.id for charge in charges.data} <= made
