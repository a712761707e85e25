"""Personal data on the page of a payment: masked for everybody, shown for a while, and never unseen by the trail."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing import clock
from billing.access.roles import MerchantRole
from billing.audit.models import AuditEvent
from billing.customers.reveal import SHOWN_FOR
from tests.billing.deliveries import deliver_all, event, intent, make_connection
from tests.portal.fragments import HTMX, element, swap
from tests.portal.merchant.test_notes import write
from tests.portal.payments import address, pay
from tests.portal.people import make_merchant, make_person, signed_in

pytestmark = pytest.mark.django_db
NOW = "2026-11-20T12:00:00Z"
PERSONAL = ("Lena", "Vogt", "VOGT", "lena@")
REVEALERS = [role for role in MerchantRole if role != MerchantRole.DEVELOPER]


@pytest.fixture
def payment(shop):
    account = make_connection(shop, livemode=True)
    pay(account, reference="of lena@vogt.example")
    metadata = {"mail": "lena@vogt.example", "order_id": "AO-7", "greeting": "Dear Ms. VOGT"}
    return pay(account, metadata=metadata, description="Tent for lena@vogt.example")


@pytest.fixture
def client(shop):
    return signed_in(make_person(merchant=shop, role=MerchantRole.SUPPORT))


def page_of(payment, rest=""):
    return address(payment.merchant, f"transactions/{payment.public_id}/{rest}", "live" if payment.livemode else "test")


def read(client, payment, rest=""):
    return client.get(page_of(payment, rest)).content.decode()


def reveal(client, payment, **more):
    return client.post(page_of(payment, "reveal/"), **more)


def looks(payment):
    return AuditEvent.objects.filter(object_id=payment.public_id, action="customer.revealed").count()


@pytest.mark.parametrize("role", MerchantRole)
def test_live_payments_are_masked_for_everybody(shop, payment, role):
    write(payment, "Wrote to lena@vogt.example")
    write(payment, "Called Lena\nVogt, who will call back")
    client = signed_in(make_person(merchant=shop, role=role))
    for rest in ("", "?raw=1", "?notes=all"):
        html = read(client, payment, rest)
        assert [mark for mark in PERSONAL if mark in html] == []
        assert "L•••• V••••" in html
    assert looks(payment) == 0


@pytest.mark.parametrize("role", REVEALERS)
def test_who_may_has_them_shown_everywhere_on_the_page_and_is_recorded(shop, payment, role):
    write(payment, "Wrote to lena@vogt.example")
    person = make_person(merchant=shop, role=role)
    client = signed_in(person)
    assert ">Reveal</button>" in read(client, payment)
    answer = reveal(client, payment)
    assert answer["Location"] == f"{page_of(payment)}#customer"
    html = read(client, payment)
    for shown in ("Lena Vogt", "Tent for lena@vogt.example", "Wrote to lena@vogt.example", ">lena@vogt.example</dd>"):
        assert shown in html
    assert "Shown to you until" in html
    assert "Viewed by 1 person" in html
    assert ">Reveal</button>" not in html
    row = AuditEvent.objects.get(object_id=payment.public_id)
    assert (row.actor_id, row.object_type, row.merchant_id) == (person.public_id, "payment", shop.pk)


def test_nobody_else_sees_more_and_no_other_page_shows_more(client, shop, payment):
    reveal(client, payment)
    other = signed_in(make_person(merchant=shop))
    html = read(other, payment)
    assert "Lena" not in html
    assert "Viewed by 1 person" in html
    assert "Pat Person" in html[html.index("cf-viewers") :]
    neighbour = payment.account.payments.exclude(pk=payment.pk).get()
    assert "Lena" not in read(client, neighbour)


def test_after_ten_minutes_they_are_masked_again(client, payment):
    with time_machine.travel(NOW, tick=False) as time:
        client = signed_in(make_person(merchant=payment.merchant))
        reveal(client, payment)
        assert f"load delay:{int(SHOWN_FOR.total_seconds()) + 1}s" in read(client, payment)
        time.shift(SHOWN_FOR - timedelta(seconds=1))
        assert "Lena" in read(client, payment)
        time.shift(1)
        html = read(client, payment)
        assert "Lena" not in html
        assert "load delay" not in html
        reveal(client, payment)
        assert "2 times" in read(client, payment)


def test_a_double_click_is_one_look(client, payment):
    for _ in range(2):
        answer = reveal(client, payment, headers=HTMX)
        assert (answer.status_code, answer["HX-Trigger"]) == (204, "people-shown")
    assert looks(payment) == 1


def test_all_parts_that_show_more_hear_of_it_and_equal_the_fresh_page(client, payment):
    reveal(client, payment)
    # How long people are still shown stands in each part.
    with time_machine.travel(clock.now(), tick=False):
        fresh = read(client, payment, "?raw=1")
        hearing = set(re.findall(r'id="([a-z-]+)"[^>]* hx-trigger="[^"]*people-shown from:body[^"]*"', fresh))
        assert hearing > {"summary", "timeline", "related", "note-thread", "customer", "risk", "details"}
        for panel in hearing - {"note-thread"}:
            swapped = swap(client, page_of(payment, f"_/{panel}/?raw=1"), panel).content
            assert element(swapped, panel) == element(fresh, panel)


def test_a_role_that_may_not_is_told_why_and_refused(shop, payment):
    developer = signed_in(make_person(merchant=shop, role=MerchantRole.DEVELOPER))
    html = read(developer, payment)
    assert "masked for your role" in html
    assert ">Reveal</button>" not in html
    assert reveal(developer, payment).status_code == 403
    assert looks(payment) == 0


def test_who_loses_the_right_sees_no_more(client, shop, payment):
    person = make_person(merchant=shop)
    client = signed_in(person)
    reveal(client, payment)
    person.memberships.update(role=MerchantRole.DEVELOPER)
    assert "Lena" not in read(client, payment)


def test_in_test_mode_nothing_is_masked_or_recorded(client, shop):
    payment = pay(make_connection(shop))
    assert "Lena Vogt" in read(client, payment)
    assert reveal(client, payment).status_code == 302
    assert looks(payment) == 0
    assert "Viewed by" not in read(client, payment)


def test_where_nobody_has_tried_to_pay_there_is_nobody_to_reveal(client, payment):
    created = event("payment_intent.created", intent(id="pi_bare", livemode=True), livemode=True)
    deliver_all(payment.account, [created])
    assert ">Reveal</button>" not in read(client, payment.account.payments.get(external_id="pi_bare"))


def test_foreign_payments_are_not_revealed(client, shop, payment):
    theirs = pay(make_connection(make_merchant("globex"), livemode=True))
    assert client.post(address(shop, f"transactions/{theirs.public_id}/reveal/", "live")).status_code == 404
    assert client.post(address(shop, f"transactions/{payment.public_id}/reveal/", "test")).status_code == 404
    assert AuditEvent.objects.filter(action="customer.revealed").count() == 0


def test_a_page_that_many_looked_at_costs_as_many_queries(client, shop, payment):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            read(client, payment)
        return len(captured)

    reveal(client, payment)
    queries()
    before = queries()
    for _ in range(3):
        reveal(signed_in(make_person(merchant=shop)), payment)
    assert queries() == before
