"""What each event did, on its page: on both faces, attempt by attempt, and what it waits for."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.access.roles import MerchantRole, StaffRole
from billing.payments.models import Payment
from billing.refunds.models import Refund
from billing.webhooks.models import Origin, WebhookAttempt, WebhookEvent
from tests.billing.deliveries import charge, deliver_all, event, make_connection
from tests.portal.follow_ups import dispute, refund, tell
from tests.portal.fragments import text_of
from tests.portal.payments import address, newest_event, pay
from tests.portal.people import make_merchant, make_person, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def payment():
    return pay(make_connection(make_merchant("acme")))


@pytest.fixture
def developer(payment):
    return signed_in(make_person(merchant=payment.merchant, role=MerchantRole.DEVELOPER))


@pytest.fixture
def admin():
    return signed_in(make_person(staff_role=StaffRole.ADMIN))


def url_of(stored):
    return address(stored.merchant, f"events/{stored.public_id}/")


def effect(client, stored):
    """What the fact "Effect" says, and the addresses in it."""
    html = client.get(url_of(stored)).content.decode()
    fact = html[html.index("<dt>Effect</dt>") :].split("</dl>")[0]
    return text_of(fact), re.findall(r'href="(.*?)"', fact)


def test_an_event_names_what_it_created_and_leads_to_its_payment(payment, developer):
    tell(payment, ("refund.created", refund(payment), 100))
    made = Refund.objects.get()
    words, addresses = effect(developer, newest_event(payment.account))
    assert words == f"Effect Created refund {made.public_id}"
    assert addresses == [f"{address(payment.merchant)}{payment.public_id}/"]


def test_each_attempt_lists_what_it_did(payment, developer):
    stored = WebhookEvent.objects.get(type="charge.succeeded")
    developer.post(f"{url_of(stored)}replay/")
    html = developer.get(url_of(stored)).content.decode()
    second, first = [text_of(row) for row in html.split('id="attempts-title"')[1].split("<tr>")[2:4]]
    assert f"Created an attempt at payment {payment.public_id}" in first
    assert "—" in second
    assert "Pat Person" in second
    assert " ms " in first


def test_an_effect_on_a_payment_that_was_given_up_leads_nowhere(developer, payment):
    stored = WebhookEvent.objects.get(type="charge.succeeded")
    WebhookAttempt.objects.filter(event=stored).update(effects=[["created", "attempt", "pay_gone"]])
    words, addresses = effect(developer, stored)
    assert words == "Effect Created an attempt at payment pay_gone"
    assert addresses == []


def test_an_object_of_another_account_is_not_led_to(developer, payment):
    theirs = pay(make_connection(make_merchant("globex")))
    stored = WebhookEvent.objects.filter(account=payment.account, type="charge.succeeded").get()
    WebhookAttempt.objects.filter(event=stored).update(effects=[["changed", "payment", theirs.public_id]])
    assert effect(developer, stored)[1] == []


def test_staff_read_effects_and_workers_without_a_way_into_the_merchant(payment, admin):
    tell(payment, ("charge.dispute.created", dispute(payment), 100))
    stored = newest_event(payment.account)
    html = admin.get(f"/ops/system/events/{stored.public_id}/").content.decode()
    assert "Created dispute dsp_" in text_of(html)
    assert "/m/acme/" not in html
    assert stored.runs.get().worker in html


def test_a_parked_event_says_what_it_waits_for(payment, developer):
    early = {**refund(payment), "charge": "ch_later", "payment_intent": None}
    deliver_all(payment.account, [event("refund.created", early)])
    stored = newest_event(payment.account)
    html = developer.get(url_of(stored)).content.decode()
    assert "It belongs to ch_later, which has not arrived here yet." in text_of(html)
    assert f'href="{address(payment.merchant, "events/")}?q=ch_later"' in html
    deliver_all(payment.account, [event("charge.succeeded", charge(id="ch_later", payment_intent=None))])
    assert "Created refund" in effect(developer, stored)[0]


def test_an_imported_event_says_that_it_was_never_delivered(payment, developer):
    stored = newest_event(payment.account)
    assert "imported" not in developer.get(url_of(stored)).content.decode()
    WebhookEvent.objects.filter(pk=stored.pk).update(origin=Origin.IMPORTED, headers={})
    page = text_of(developer.get(url_of(stored)).content.decode())
    assert "It was never delivered here" in page
    assert "signature valid" not in page
    assert "Headers" not in page


def test_many_effects_cost_as_many_queries_as_one(payment, developer):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert developer.get(url_of(stored)).status_code == 200
        return len(captured)

    tell(payment, *(("refund.created", refund(payment, amount=100), 100 + number) for number in range(3)))
    stored = newest_event(payment.account)
    queries()
    before = queries()
    run = stored.runs.get()
    run.effects = [["created", "refund", public_id] for public_id in Refund.objects.values_list("public_id", flat=True)]
    run.save()
    queries()
    assert queries() == before
    assert Payment.objects.count() == 1


def test_a_payment_without_a_known_effect_is_named_without_people(developer, payment):
    named = pay(payment.account, reference="Tent of lena@vogt.example")
    stored = WebhookEvent.objects.get(type="payment_intent.succeeded", object_id=named.external_id)
    WebhookAttempt.objects.filter(event=stored).update(effects=[])
    words, addresses = effect(developer, stored)
    assert "lena" not in words
    assert words.startswith("Effect Tent of")
    assert addresses == [f"{address(payment.merchant)}{named.public_id}/"]
