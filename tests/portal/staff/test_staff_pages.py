"""What staff see of merchants and events, and who of them."""

import re
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.access.roles import StaffRole
from billing.audit.models import AuditEvent
from billing.providers.models import ProviderAccount
from billing.queue.models import State
from billing.webhooks.models import WebhookEvent
from tests.billing.deliveries import charge, deliver, event, make_connection, process_all
from tests.portal.fragments import element, hidden_fields, swap, swapped_out_of_band
from tests.portal.payments import newest_event, pay, write_payments
from tests.portal.people import make_merchant, make_person, signed_in

pytestmark = pytest.mark.django_db
FORM = {"since": "2000-01-01T00:00", "until": "2100-01-01T00:00"}


@pytest.fixture
def account():
    return make_connection(make_merchant("acme"))


def staff(role):
    return signed_in(make_person(staff_role=role))


@pytest.mark.parametrize("role", list(StaffRole))
def test_every_role_sees_the_merchants(role, account):
    client = staff(role)
    page = client.get("/ops/merchants/")
    assert page.status_code == 200
    assert b"Acme" in page.content


@pytest.mark.parametrize(("demo", "shown"), [(False, "live"), (True, "test")])
@pytest.mark.parametrize("query", ["", "?mode="])
def test_who_asks_for_no_mode_sees_live_and_in_a_demonstration_test(settings, demo, shown, query):
    settings.DEMO = demo
    page = staff(StaffRole.ADMIN).get(f"/ops/{query}").content.decode()
    assert re.findall(r'mode=(\w+)" aria-current', page) == [shown]


def test_members_of_merchants_are_no_staff(account):
    pay(account)
    client = signed_in(make_person(merchant=account.merchant))
    stored = newest_event(account)
    for path in ("/ops/", "/ops/merchants/", "/ops/system/events/", f"/ops/system/events/{stored.public_id}/"):
        assert client.get(path).status_code == 403
    assert client.post(f"/ops/system/events/{stored.public_id}/replay/").status_code == 403
    assert client.post("/ops/system/events/replay/", {**FORM, "do": "replay"}).status_code == 403
    assert stored.runs.count() == 1


def test_events_are_for_admins_and_auditors_and_replaying_for_admins(account):
    pay(account)
    stored = newest_event(account)
    page, replay = f"/ops/system/events/{stored.public_id}/", f"/ops/system/events/{stored.public_id}/replay/"
    agent, auditor, admin = staff(StaffRole.AGENT), staff(StaffRole.AUDITOR), staff(StaffRole.ADMIN)
    assert agent.get("/ops/system/events/").status_code == 403
    assert agent.get(page).status_code == 403
    assert b"/ops/system/events/" not in agent.get("/ops/merchants/").content
    assert b"does not let you replay" in auditor.get(page).content
    assert auditor.post(replay).status_code == 403
    assert admin.post(replay)["Location"] == page
    assert stored.runs.count() == 2


def test_merchants_show_what_waits_and_what_is_stuck(account):
    pay(account)
    broken, _waiting = (
        deliver(account, event("charge.succeeded", {"id": f"ch_{n}", "object": "charge"})) for n in "ab"
    )
    WebhookEvent.objects.filter(pk=broken.pk).update(state=State.DEAD)
    make_merchant("globex")
    page = staff(StaffRole.ADMIN).get("/ops/merchants/").content.decode()
    acme, globex = page[page.index("Acme</a>") :].split("</tr>")[:2]
    assert "Stripe test" in acme
    assert 'state=dead_letter&amp;merchant=acme">1<' in acme
    assert "None" in globex
    assert "not available" in globex


def test_simulated_connections_are_marked(account):
    type(account).objects.filter(pk=account.pk).update(api_base="http://127.0.0.1:9")
    assert b"Simulated" in staff(StaffRole.AGENT).get("/ops/merchants/").content


def test_merchants_are_searched_and_sorted(account):
    make_merchant("globex")
    client = staff(StaffRole.ADMIN)

    def order(query):
        page = client.get(f"/ops/merchants/?{query}").content.decode()
        return [name for name in sorted(("Acme", "Globex"), key=page.find) if f">{name}</a>" in page]

    assert order("") == ["Acme", "Globex"]
    assert order("sort=-name") == ["Globex", "Acme"]
    assert order("sort=since") == ["Acme", "Globex"]
    assert order("sort=-since") == ["Globex", "Acme"]
    assert order("q=LOB") == ["Globex"]
    assert order("q=glo") == ["Globex"]
    assert order(f"q={account.merchant.public_id}") == ["Acme"]
    assert order("q=nobody") == []
    assert client.get("/ops/merchants/?q=nobody%00%25").status_code == 200
    assert b"No merchant matches" in client.get("/ops/merchants/?q=nobody").content
    assert client.get("/ops/merchants/?cursor=x").status_code == 400


def test_pages_of_merchants_join_up(account):
    for number in range(30):
        make_merchant(f"shop-{number:02}x")
    client = staff(StaffRole.ADMIN)
    first = client.get("/ops/merchants/").content.decode()
    link = first.split('<a rel="next" href="')[1].split('"')[0]
    second = client.get(link).content.decode()
    assert first.count("<tr data-row") == 25
    assert second.count("<tr data-row") == 6
    fragment = swap(client, "/ops/merchants/")
    assert element(fragment.content, "results") == element(first, "results")
    for id_, swapped in swapped_out_of_band(fragment.content).items():
        assert swapped == element(first, id_)


@pytest.mark.as_owner
def test_staff_see_all_merchants_events_and_what_went_wrong(account):
    stored = deliver(account, event("charge.succeeded", charge(id="ch_broken", payment_intent="pi_broken")))
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE payment ADD CONSTRAINT nothing_fits CHECK (false) NOT VALID")
        process_all()
        cursor.execute("ALTER TABLE payment DROP CONSTRAINT nothing_fits")
    pay(make_connection(make_merchant("globex")))
    client = staff(StaffRole.AUDITOR)
    assert client.get("/ops/system/events/").content.count(b"<tr data-row") == 4
    assert client.get("/ops/system/events/?merchant=globex").content.count(b"<tr data-row") == 3
    assert client.get("/ops/system/events/?mode=live").content.count(b"<tr data-row") == 0
    assert client.get("/ops/system/events/?q=ch_broken").content.count(b"<tr data-row") == 1
    html = client.get(f"/ops/system/events/{stored.public_id}/").content.decode()
    assert "IntegrityError" in html
    assert "Traceback" in html


def test_dead_letters_of_all_merchants_are_one_click_away(account):
    pay(account)
    for account_ in (account, make_connection(make_merchant("globex"))):
        deliver(account_, event("charge.succeeded", {"id": "ch_broken", "object": "charge"}))
    process_all()
    page = staff(StaffRole.AUDITOR).get("/ops/system/events/").content.decode()
    tabs = page.split('id="results-tabs"')[1].split("</nav>")[0]
    assert 'href="/ops/system/events/?state=dead_letter"' in tabs
    assert 'cf-count-danger">2</span>' in tabs
    listed = staff(StaffRole.AUDITOR).get("/ops/system/events/?state=dead_letter").content
    assert listed.count(b"<tr data-row") == 2


def test_staff_see_customers_redacted(account):
    pay(account)
    stored = WebhookEvent.objects.get(type="charge.succeeded")
    html = staff(StaffRole.ADMIN).get(f"/ops/system/events/{stored.public_id}/").content.decode()
    assert "Lena" not in html
    assert "vogt" not in html


def test_a_range_may_be_one_merchants_or_everybodys(account):
    pay(account)
    pay(make_connection(make_merchant("globex")))
    client = staff(StaffRole.ADMIN)

    def matched(**fields):
        return client.post("/ops/system/events/replay/", {**FORM, **fields, "do": "dry"}).content.decode()

    assert "6 events would be replayed" in matched()
    assert "3 events would be replayed" in matched(merchant="globex")
    assert "No event would be replayed" in matched(merchant="globex", mode="live")
    assert "No event would be replayed" in matched(only_dead="on")
    assert "There is no merchant with this short name." in matched(merchant="nobody")
    dry = client.post("/ops/system/events/replay/", {**FORM, "do": "dry"}).content
    for _ in range(2):
        agreed = client.post("/ops/system/events/replay/", {**hidden_fields(dry), "do": "replay"})
        assert agreed.status_code == 302
    assert AuditEvent.objects.filter(action="event.replayed", merchant_id=None).count() == 1
    assert staff(StaffRole.AUDITOR).get("/ops/system/events/replay/").status_code == 403


def test_a_list_costs_as_many_queries_with_three_merchants_as_with_one(account):
    client = staff(StaffRole.ADMIN)

    def queries(path):
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        return len(captured)

    pay(account)
    before = queries("/ops/merchants/"), queries("/ops/system/events/")
    pay(make_connection(make_merchant("globex")))
    pay(make_connection(make_merchant("initech")))
    assert (queries("/ops/merchants/"), queries("/ops/system/events/")) == before


def test_the_sentence_of_an_event_tells_times_in_the_zone_of_its_page(account):
    pay(account)
    at = datetime(2027, 1, 1, 20, 0, tzinfo=UTC)
    stored = newest_event(account)
    WebhookEvent.objects.filter(pk=stored.pk).update(state=State.PENDING, attempts=2, outcome="", next_attempt_at=at)
    person = make_person(staff_role=StaffRole.AUDITOR)
    person.timezone = "Asia/Tokyo"
    person.save()
    page = signed_in(person).get(f"/ops/system/events/{stored.public_id}/")
    assert "The next attempt is at 2 Jan 2027, 05:00:00." in page.content.decode()


def test_a_connection_beyond_the_choices_stays_chosen(account):
    rows = [
        ProviderAccount(merchant=account.merchant, livemode=False, api_key="sk", created_at=account.created_at)
        for _ in range(200)
    ]
    for number, row in enumerate(rows):
        row.external_account = f"acct_{number}"
    ProviderAccount.objects.bulk_create(rows)
    last = make_connection(make_merchant("zebra"), external_account="acct_last")
    html = staff(StaffRole.ADMIN).get(f"/ops/system/events/?connection={last.public_id}").content.decode()
    assert f'<option value="{last.public_id}" selected>Zebra · Stripe test acct_last' in html


def test_a_connection_that_no_id_can_be_is_refused_in_words(account):
    response = staff(StaffRole.ADMIN).get("/ops/system/events/?connection=a%00b")
    assert response.status_code == 200
    assert "Null characters are not allowed." in response.content.decode()


def test_payments_of_the_day_are_counted_by_mode(account):
    live = make_connection(account.merchant, livemode=True)
    write_payments(account, [{}, {}])
    write_payments(live, [{}])
    row = staff(StaffRole.AGENT).get("/ops/merchants/").content.decode().split("<tbody>")[1]
    assert '<td class="cf-num cf-card-hide">1<span class="cf-second">2 test</span></td>' in row
