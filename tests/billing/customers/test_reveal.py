"""Personal data that are shown for a while, and who saw them."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing import clock
from billing.audit.actor import Actor
from billing.audit.models import AuditEvent
from billing.audit.verify import Head, verify_chain
from billing.customers.reveal import SHOWN_FOR, reveal_people, viewers_of
from tests.billing.factories import TESTER, make_merchant

pytestmark = pytest.mark.django_db
OTHER = Actor("user", "8", "Nadia", request_id="req_1", address="203.0.113.9")
START = "2026-11-20T12:00:00Z"


def reveal(merchant, by=TESTER, object_id="pay_1", object_type="payment"):
    return reveal_people(merchant=merchant, object_type=object_type, object_id=object_id, by=by)


def test_the_trail_says_who_saw_whose_and_from_where():
    merchant = make_merchant()
    reveal(merchant, by=OTHER)
    (row,) = AuditEvent.objects.filter(merchant_id=merchant.pk)
    assert (row.action, row.object_type, row.object_id) == ("customer.revealed", "payment", "pay_1")
    assert (row.actor_id, row.actor_label, row.address, row.request_id) == ("8", "Nadia", "203.0.113.9", "req_1")
    assert isinstance(verify_chain(merchant.pk), Head)


def test_asking_again_while_it_is_shown_is_not_another_look():
    merchant = make_merchant()
    with time_machine.travel(START, tick=False) as time:
        until = reveal(merchant)
        assert until == clock.now() + SHOWN_FOR
        time.shift(SHOWN_FOR - timedelta(seconds=1))
        assert reveal(merchant) == until
        assert reveal(merchant, by=OTHER) > until
        time.shift(1)
        assert reveal(merchant) == clock.now() + SHOWN_FOR
    assert AuditEvent.objects.filter(merchant_id=merchant.pk).count() == 3


def test_viewers_are_people_with_their_last_look():
    merchant = make_merchant()
    with time_machine.travel(START, tick=False) as time:
        for by in (TESTER, OTHER, TESTER):
            reveal(merchant, by=by)
            time.shift(SHOWN_FOR)
        reveal(make_merchant())
        reveal(merchant, object_id="pay_2")
        reveal(merchant, object_type="customer")
        with CaptureQueriesContext(connection) as captured:
            viewers = viewers_of(merchant, "payment", "pay_1")
        assert len(captured) == 1
        assert [(each.label, each.times) for each in viewers] == [("Tester", 2), ("Nadia", 1)]
        assert viewers[0].until == clock.now()


def test_a_person_is_one_viewer_under_whatever_name():
    merchant = make_merchant()
    with time_machine.travel(START, tick=False) as time:
        reveal(merchant, by=Actor("user", "7", "n.petit@shop.example"))
        time.shift(SHOWN_FOR)
        reveal(merchant, by=Actor("user", "7", "Nadia Petit"))
    assert [(each.label, each.times) for each in viewers_of(merchant, "payment", "pay_1")] == [("Nadia Petit", 2)]
