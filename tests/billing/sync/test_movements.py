"""Balance transactions come soon after something names them."""

import pytest

from billing.mirror.models import Refetch
from billing.mirror.refetch import REFETCH
from billing.outbox.relay import DELIVERIES, OUTBOX
from billing.providers.base import Kind
from billing.queue.models import State
from billing.queue.run import claim_and_run
from billing.sync.models import SyncCursor
from billing.sync.movements import NEWEST
from tests.billing.sync.shop import Shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def known(shop: Shop) -> Shop:
    shop.known_until(shop.now)
    return shop


def tell(shop: Shop) -> None:
    """What happened here is told to whoever listens."""
    for queue in (OUTBOX, DELIVERIES):
        while claim_and_run(queue):
            pass


def test_many_payments_ask_once_for_what_is_new(known: Shop):
    payments = [known.pay() for _ in range(3)]
    known.refund(payments[0], 500)
    known.hears()
    tell(known)
    wanted = Refetch.objects.get(kind=Kind.BALANCE_TRANSACTION)
    assert (wanted.object_id, wanted.state) == (NEWEST, State.PENDING)
    known.settle()
    assert known.rows(Kind.BALANCE_TRANSACTION).count() == 4
    wanted.refresh_from_db()
    assert wanted.state == State.DONE
    newest = known.client.v1.balance_transactions.list({"limit": 1}).data[0]
    assert SyncCursor.objects.get().newest_movement == newest.id


def test_what_is_here_already_is_not_asked_for(known: Shop):
    payment = known.pay()
    known.hears()
    known.settle()
    Refetch.objects.all().delete()
    known.client.v1.payment_intents.update(payment.id, {"description": "changed"})
    known.hears()
    tell(known)
    assert not Refetch.objects.filter(object_id=NEWEST).exists()


def test_disputes_and_payouts_name_movements_too(known: Shop):
    known.pay(card="createDispute")
    known.hears()
    known.settle()
    types = set(known.rows(Kind.BALANCE_TRANSACTION).values_list("reporting_category", flat=True))
    assert "dispute" in types


def test_nobody_asks_before_the_first_reading(shop: Shop):
    shop.pay()
    shop.hears()
    tell(shop)
    assert not Refetch.objects.filter(object_id=NEWEST).exists()


def test_a_processor_that_is_away_is_asked_later(known: Shop):
    known.pay()
    known.hears()
    tell(known)
    known.breaks("error", "/v1/balance_transactions*", status=503)
    Refetch.objects.update(next_attempt_at=None)
    claim_and_run(REFETCH)
    wanted = Refetch.objects.get(object_id=NEWEST)
    assert (wanted.state, wanted.attempts) == (State.PENDING, 0)
    known.settle()
    assert known.rows(Kind.BALANCE_TRANSACTION).count() == 1
