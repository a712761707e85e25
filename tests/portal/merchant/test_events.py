"""Incoming events of a merchant: the list, one event, and replaying."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.access.roles import MerchantRole
from billing.audit.models import AuditEvent
from billing.queue.models import State
from billing.webhooks.models import Origin, WebhookAttempt, WebhookEvent
from tests.billing.deliveries import charge, deliver, deliver_all, event, intent, make_connection, process_all
from tests.billing.providers.stripe_objects import REFUND
from tests.portal.fragments import element, rows_of, swap, swapped_out_of_band
from tests.portal.payments import address, newest_event, pay
from tests.portal.people import make_merchant, make_person, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(shop):
    return signed_in(make_person(merchant=shop, role=MerchantRole.DEVELOPER))


def events(shop, rest="", mode="test"):
    return address(shop, f"events/{rest}", mode)


def deliver_unreadable(account):
    """An event whose object lacks what every payment has."""
    stored = deliver(account, event("charge.succeeded", {"id": "ch_broken", "object": "charge"}))
    process_all()
    stored.refresh_from_db()
    return stored


def test_the_list_tells_state_object_and_lag(client, shop, account):
    pay(account)
    page = client.get(events(shop)).content.decode()
    assert page.count("<tr data-row=") == 3
    assert "payment_intent.succeeded" in page
    assert "Processed" in page
    assert page.count("aria-sort=") == 1


def test_only_those_who_work_on_events_get_in(shop, account):
    pay(account)
    stored = newest_event(account)
    for role in (MerchantRole.VIEWER, MerchantRole.SUPPORT, MerchantRole.FINANCE):
        client = signed_in(make_person(merchant=shop, role=role))
        assert client.get(events(shop)).status_code == 403
        assert client.get(events(shop, f"{stored.public_id}/")).status_code == 403
        assert client.post(events(shop, f"{stored.public_id}/replay/")).status_code == 403
        assert client.post(events(shop, "replay/"), {"do": "replay"}).status_code == 403


def test_foreign_events_do_not_exist(client, shop, account):
    other = make_connection(make_merchant("globex"))
    live = make_connection(shop, livemode=True)
    for connection_ in (other, live):
        pay(connection_)
        stored = newest_event(connection_)
        assert client.get(events(shop, f"{stored.public_id}/")).status_code == 404
        assert client.post(events(shop, f"{stored.public_id}/replay/")).status_code == 404
        for text in (stored.public_id, stored.external_id, stored.object_id):
            assert rows_of(client.get(f"{events(shop)}?q={text}")) == []
    assert WebhookAttempt.objects.filter(event__account__in=[other, live]).count() == 6


def test_filters(client, shop, account):
    payment = pay(account)
    broken = deliver_unreadable(account)
    WebhookEvent.objects.filter(pk=broken.pk).update(state=State.PENDING, next_attempt_at=broken.received_at)
    waiting = deliver(account, event("payment_intent.created", intent(id="pi_new")))
    unused = deliver(account, event("customer.created", {"id": "cus_1", "object": "customer"}))
    WebhookEvent.objects.filter(pk=unused.pk).update(state=State.DONE, outcome="ignored")

    def found(query):
        return set(rows_of(client.get(f"{events(shop)}?{query}", follow=True)))

    assert found("state=retrying") == {broken.public_id}
    assert found("state=dead_letter") == set()
    assert found("state=received") == {waiting.public_id}
    assert found("state=ignored&state=retrying") == {unused.public_id, broken.public_id}
    assert len(found("state=processed")) == 3
    assert len(found(f"q={payment.public_id}")) == 3
    assert len(found(f"q={payment.external_charge_id}")) == 1
    assert found(f"q={broken.external_id}") == {broken.public_id}
    assert found(f"q={broken.public_id}") == {broken.public_id}
    assert len(found("type=charge.")) == 2
    assert found("date=yesterday") == set()
    assert len(found(f"connection={account.public_id}")) == 6
    assert len(found("object=payment_intent")) == 3
    assert found("object=charge&state=retrying") == {broken.public_id}
    assert found("origin=imported") == set()
    WebhookEvent.objects.filter(pk=waiting.pk).update(origin=Origin.IMPORTED)
    assert found("origin=imported") == {waiting.public_id}
    assert len(found("origin=delivered")) == 5


def test_dead_letters_and_waiting_events_are_one_click_away(client, shop, account):
    pay(account)
    dead = deliver_unreadable(account)
    deliver_all(account, [event("refund.created", {**REFUND, "charge": "ch_none", "payment_intent": None})])
    WebhookEvent.objects.filter(pk=dead.pk).update(state=State.DEAD)
    theirs = deliver_unreadable(make_connection(make_merchant("globex")))
    WebhookEvent.objects.filter(pk=theirs.pk).update(state=State.DEAD)

    def tabs(query=""):
        html = client.get(f"{events(shop)}{query}").content.decode()
        return re.findall(
            r'<a href="([^"]*)"(?: aria-current="(page)")?>', html.split('id="results-tabs"')[1].split("</nav>")[0]
        )

    html = client.get(events(shop)).content.decode().split('id="results-tabs"')[1].split("</nav>")[0]
    assert re.findall(r">(\d+)</span>", html) == ["1", "1"]
    assert tabs()[0] == (events(shop), "page")
    assert tabs("?state=dead_letter")[1] == (f"{events(shop)}?state=dead_letter", "page")
    assert rows_of(client.get(tabs()[1][0])) == [dead.public_id]
    assert len(rows_of(client.get(tabs()[2][0]))) == 1


def test_what_is_shown_can_be_replayed_as_a_range(client, shop, account):
    page = client.get(f"{events(shop)}?state=dead_letter&type=charge.&since=2026-11-01", follow=True).content.decode()
    assert f"{events(shop, 'replay/')}?type=charge.&amp;since=2026-11-01T00%3A00&amp;only_dead=on" in page
    assert f'href="{events(shop, "replay/")}"' in client.get(events(shop)).content.decode()


def test_a_swapped_list_equals_the_fresh_page(client, shop, account):
    pay(account)
    partial = swap(client, f"{events(shop)}?state=processed")
    fresh = client.get(partial["HX-Push-Url"])
    assert element(partial.content, "results") == element(fresh.content, "results")
    for id_, swapped in swapped_out_of_band(partial.content).items():
        assert swapped == element(fresh.content, id_)
    assert swap(client, f"{events(shop)}?state=lost").status_code == 422
    panel = swap(client, events(shop, "_/results/"))
    assert set(swapped_out_of_band(panel.content)) == {"results-summary", "results-tabs"}


def test_one_event_says_what_it_did_and_hides_whom_it_is_about(client, shop, account):
    payment = pay(account)
    stored = WebhookEvent.objects.get(account=account, type="charge.succeeded")
    html = client.get(events(shop, f"{stored.public_id}/")).content.decode()
    assert "it changed what is shown here" in html
    assert f"{address(shop)}{payment.public_id}/" in html
    payload = html[html.index('id="payload"') :].split("</pre>")[0]
    assert payment.external_charge_id in payload
    assert "4242" in payload
    assert "Lena" not in payload
    assert "vogt" not in payload
    assert "v1=••••" in html


def test_a_failure_is_told_in_a_sentence_and_without_its_insides(client, shop, account):
    stored = deliver_unreadable(account)
    assert stored.error
    html = client.get(events(shop, f"{stored.public_id}/")).content.decode()
    assert "Why it failed" in html
    assert "nothing was written" in html
    assert "Trying again cannot help by itself" in html
    assert "UnreadableObject" in html
    assert "Traceback" not in html


def test_replaying_twice_changes_nothing_and_says_so(client, shop, account):
    payment = pay(account)
    stored = WebhookEvent.objects.get(account=account, type="charge.succeeded")
    for _time in range(2):
        answer = client.post(events(shop, f"{stored.public_id}/replay/"), follow=True)
        assert "Replayed: no change" in answer.content.decode()
    assert list(stored.runs.order_by("number").values_list("number", "result")) == [
        *((1, "changed"), (2, "no_change"), (3, "no_change"))
    ]
    payment.refresh_from_db()
    assert payment.amount_captured == 2000
    assert payment.activity.count() == 3
    assert AuditEvent.objects.filter(action="event.replayed", object_id=stored.public_id).count() == 2


@pytest.mark.as_owner
def test_a_failed_event_takes_effect_when_its_cause_is_gone(client, shop, account):
    stored = deliver(account, event("charge.succeeded", charge(id="ch_late", payment_intent="pi_late")))
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE payment ADD CONSTRAINT nothing_fits CHECK (false) NOT VALID")
        answer = client.post(events(shop, f"{stored.public_id}/replay/"), follow=True)
        assert "it failed again" in answer.content.decode()
        assert "Why it failed" in answer.content.decode()
        cursor.execute("ALTER TABLE payment DROP CONSTRAINT nothing_fits")
    answer = client.post(events(shop, f"{stored.public_id}/replay/"), follow=True)
    assert "it changed what is shown here" in answer.content.decode()
    assert account.payments.filter(external_id="pi_late").exists()
    assert list(stored.runs.order_by("number").values_list("result", flat=True)) == ["failed", "changed"]


def test_an_event_that_a_worker_has_is_not_replayed(client, shop, account):
    pay(account)
    stored = newest_event(account)
    WebhookEvent.objects.filter(pk=stored.pk).update(state=State.LEASED)
    answer = client.post(events(shop, f"{stored.public_id}/replay/"))
    assert answer.status_code == 409
    assert b"was not replayed" in answer.content
    assert stored.runs.count() == 1


def test_replay_is_never_a_get(client, shop, account):
    pay(account)
    assert client.get(events(shop, f"{newest_event(account).public_id}/replay/")).status_code == 405


def test_an_event_costs_as_many_queries_with_three_attempts_as_with_one(client, shop, account):
    def queries(path):
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        return len(captured)

    pay(account)
    stored = newest_event(account)
    page = events(shop, f"{stored.public_id}/")
    before, list_before = queries(page), queries(events(shop))
    pay(account)
    for number in (2, 3):
        WebhookAttempt.objects.create(
            event=stored, number=number, started_at=stored.received_at, duration_ms=1, result="no_change", worker="w"
        )
    assert queries(page) == before
    assert queries(events(shop)) == list_before
