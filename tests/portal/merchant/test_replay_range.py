"""Replaying a range of a merchant's events: a dry run that counts, then a second step that does what was counted."""

import pytest

from billing.access.roles import MerchantRole
from billing.audit.models import AuditEvent
from billing.queue.models import State
from billing.webhooks.models import WebhookAttempt, WebhookEvent
from tests.billing.deliveries import charge, deliver, deliver_all, event, intent, make_connection, process_all
from tests.portal.fragments import hidden_fields
from tests.portal.payments import address, newest_event, pay
from tests.portal.people import make_merchant, make_person, signed_in

pytestmark = pytest.mark.django_db
ALWAYS = {"since": "2000-01-01T00:00", "until": "2100-01-01T00:00"}


@pytest.fixture
def client(shop):
    return signed_in(make_person(merchant=shop, role=MerchantRole.DEVELOPER))


@pytest.fixture
def url(shop):
    return address(shop, "events/replay/")


def told(answer):
    return " ".join(answer.content.decode().split())


def waiting():
    return WebhookEvent.objects.filter(state=State.PENDING)


def test_a_range_is_counted_first_and_replayed_then(client, shop, account, url):
    pay(account)
    pay(make_connection(make_merchant("globex")))
    pay(make_connection(shop, livemode=True))
    dry = client.post(url, {**ALWAYS, "type": "charge.succeeded", "do": "dry"})
    assert "1 event would be replayed" in told(dry)
    assert not waiting().exists()
    done = client.post(url, {**hidden_fields(dry.content), "do": "replay"}, follow=True)
    assert "1 event will be replayed." in told(done)
    assert waiting().get().account == account
    process_all()
    assert WebhookAttempt.objects.filter(result="no_change").count() == 1


def test_the_dry_run_counts_by_type(client, account, url):
    pay(account)
    pay(account)
    deliver_all(account, [event("charge.failed", charge(id="ch_no", status="failed"))])
    rows = told(client.post(url, {**ALWAYS, "do": "dry"})).split("<tbody>")[1].split("</tbody>")[0]
    assert 'charge.succeeded</th><td class="cf-num">2</td>' in rows
    assert 'charge.failed</th><td class="cf-num">1</td>' in rows
    assert rows.index("charge.succeeded") < rows.index("charge.failed")
    assert 'In all</th><td class="cf-num">7</td>' in rows


def test_nothing_is_replayed_that_nobody_saw_counted(client, account, url):
    pay(account)
    answer = client.post(url, {**ALWAYS, "do": "replay"})
    assert "3 events would be replayed" in told(answer)
    assert not waiting().exists()


def test_what_came_after_the_dry_run_is_not_replayed(client, account, url):
    pay(account)
    agreed = hidden_fields(client.post(url, {**ALWAYS, "do": "dry"}).content)
    pay(account)
    assert "3 events will be replayed." in told(client.post(url, {**agreed, "do": "replay"}, follow=True))
    assert waiting().count() == 3


def test_a_range_that_changed_meanwhile_is_counted_again(client, account, url):
    pay(account)
    agreed = hidden_fields(client.post(url, {**ALWAYS, "do": "dry"}).content)
    WebhookEvent.objects.filter(pk=newest_event(account).pk).update(state=State.LEASED)
    answer = client.post(url, {**agreed, "do": "replay"})
    assert answer.status_code == 409
    assert "nothing was replayed" in told(answer)
    assert hidden_fields(answer.content)["seen"] == "2"
    assert not waiting().exists()


def test_a_range_that_is_agreed_to_twice_is_replayed_once(client, account, url):
    pay(account)
    agreed = {**hidden_fields(client.post(url, {**ALWAYS, "do": "dry"}).content), "do": "replay"}
    assert "3 events will be replayed." in told(client.post(url, agreed, follow=True))
    WebhookEvent.objects.filter(pk=newest_event(account).pk).update(state=State.LEASED)
    again = client.post(url, agreed, follow=True)
    assert again.redirect_chain[0][1] == 302
    assert "3 events will be replayed." in told(again)
    assert waiting().count() == 2
    assert AuditEvent.objects.filter(action="event.replayed").count() == 1


def test_what_was_agreed_to_is_not_another_range(client, account, url):
    pay(account)
    agreed = {**hidden_fields(client.post(url, {**ALWAYS, "do": "dry"}).content), "do": "replay"}
    client.post(url, agreed)
    answer = client.post(url, {**agreed, "type": "charge.succeeded", "seen": "1"})
    assert answer.status_code == 409
    assert AuditEvent.objects.filter(action="event.replayed").count() == 1


def test_a_type_alone_is_enough_and_a_dot_means_all_that_begin_so(client, account, url):
    pay(account)
    deliver_all(account, [event("charge.failed", charge(id="ch_no", status="failed"))])
    assert "1 event would be replayed" in told(client.post(url, {"type": "charge.failed"}))
    assert "2 events would be replayed" in told(client.post(url, {"type": "charge."}))
    assert "No event would be replayed" in told(client.post(url, {"type": "charge"}))
    assert client.post(url, {"type": ""}).status_code == 422


def test_only_dead_letters_can_be_asked_for(client, account, url):
    pay(account)
    dead = deliver(account, event("charge.succeeded", charge(id="ch_dead", payment_intent=None)))
    WebhookEvent.objects.filter(pk=dead.pk).update(state=State.DEAD)
    dry = client.post(url, {**ALWAYS, "only_dead": "on", "do": "dry"})
    assert "1 event would be replayed" in told(dry)
    client.post(url, {**hidden_fields(dry.content), "do": "replay"})
    assert waiting().get() == dead


def test_the_form_is_filled_in_by_its_address(client, url):
    page = told(client.get(f"{url}?type=charge.refunded&since=2026-11-01T08:00"))
    assert 'value="charge.refunded"' in page
    assert 'value="2026-11-01T08:00"' in page
    assert "checked" not in page.split('name="only_dead"')[1][:80]
    assert "checked" in told(client.get(url)).split('name="only_dead"')[1][:80]


@pytest.mark.parametrize(
    "fields",
    [
        {"since": "2026-02-01T00:00", "until": "2026-01-01T00:00"},
        {"since": "", "until": "2026-01-01T00:00"},
        {"since": "0001-01-01T00:00", "until": "9999-12-31T23:59"},
        {"since": "2026-01-01T00:00", "until": "2026-02-01T00:00", "type": "no such type!"},
    ],
)
def test_a_range_that_makes_no_sense_replays_nothing(client, account, url, fields):
    answer = client.post(url, {**fields, "do": "replay"})
    assert answer.status_code == 422
    assert b"There is a problem" in answer.content


def test_times_of_a_range_are_the_merchants(client, shop, account, url):
    deliver_all(account, [event("payment_intent.created", intent())])
    received = newest_event(account).received_at
    local = received.astimezone(shop.zone).strftime("%Y-%m-%dT%H:%M")
    assert "1 event would be replayed" in told(client.post(url, {**ALWAYS, "since": local, "do": "dry"}))


@pytest.mark.parametrize("role", [MerchantRole.VIEWER, MerchantRole.SUPPORT, MerchantRole.FINANCE])
def test_others_may_not(shop, account, url, role):
    pay(account)
    client = signed_in(make_person(merchant=shop, role=role))
    assert client.get(url).status_code == 403
    assert client.post(url, {**ALWAYS, "seen": "3", "do": "replay"}).status_code == 403
    assert not waiting().exists()
