"""The bell in the frame, and what stands behind it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing import clock
from billing.access.roles import MerchantRole, StaffRole
from billing.approvals.decide import reject
from billing.audit.actor import SYSTEM
from billing.merchants.members import change_role, remove_membership
from billing.outbox.models import OutboxEvent
from portal.notifications.models import Notice
from portal.notifications.notify import CHANGED
from tests.portal import asked
from tests.portal.fragments import element, text_of
from tests.portal.notifications.desk import LARGE, Desk, actor, relay, told
from tests.portal.payments import pay
from tests.portal.people import make_merchant, make_person, signed_in

pytestmark = pytest.mark.django_db
READ = "/m/acme/test/notifications/read/"


@pytest.fixture
def shop():
    return make_merchant("acme")


@pytest.fixture
def owner(shop):
    return make_person(merchant=shop)


@pytest.fixture
def client(owner):
    return signed_in(owner)


def note(person, merchant, *, ago=0, **fields):
    """A notice of a failed refund, ``ago`` in hours."""
    number = Notice.objects.count()
    facts = {
        "about": "refund",
        "object": f"ref_{number}",
        "amount": 1230,
        "currency": "EUR",
        "payment": f"pay_{number}",
    }
    values = {"livemode": False, "kind": "refund.failed", "object_id": f"ref_{number}", "facts": facts, **fields}
    at = clock.now() - timedelta(hours=ago)
    return Notice.objects.create(recipient=person, merchant=merchant, created_at=at, **values)


def bell(client, path):
    found = element(client.get(path).content, "bell")
    return dict(found.attributes)


def count_at(client, path):
    label = bell(client, path)["aria-label"]
    return 0 if "none" in label else int(label.removeprefix("Notifications, ").split()[0].rstrip("+"))


# --- Bell ---


def test_the_bell_counts_what_is_unread_here(client, shop, owner):
    note(owner, shop)
    note(owner, shop, read_at=clock.now())
    assert count_at(client, "/m/acme/test/") == 1
    assert bell(client, "/m/acme/test/")["href"] == "/m/acme/test/notifications/"


def test_it_counts_no_other_mode_merchant_or_person(client, shop, owner):
    note(owner, shop, livemode=True)
    note(owner, make_merchant())
    note(make_person(merchant=shop), shop)
    note(owner, shop, as_staff=True)
    note(owner, shop, shown=False)
    assert count_at(client, "/m/acme/test/") == 0
    assert count_at(client, "/m/acme/live/") == 1


def test_the_bell_of_staff_counts_all_that_is_theirs(shop):
    agent = make_person(staff_role=StaffRole.FINANCEOPS)
    note(agent, shop, as_staff=True)
    note(agent, make_merchant(), as_staff=True, livemode=True)
    client = signed_in(agent)
    assert count_at(client, "/ops/") == 2
    assert bell(client, "/ops/")["href"] == "/ops/notifications/"


def test_pages_about_oneself_have_no_bell(client):
    assert b'id="bell"' not in client.get("/me/profile/").content


def test_more_than_a_hundred_are_not_counted(client, shop, owner):
    for _ in range(120):
        note(owner, shop)
    assert bell(client, "/m/acme/test/")["aria-label"] == "Notifications, 99+ unread"


@pytest.mark.parametrize("many", [1, 30])
def test_the_bell_costs_one_query(client, shop, owner, many):
    for _ in range(many):
        note(owner, shop)
    client.get("/m/acme/test/notifications/")
    with CaptureQueriesContext(connection) as queries:
        client.get("/m/acme/test/")
    assert len([each for each in queries if '"notice"' in each["sql"]]) == 1


def test_the_bell_asks_again_when_a_signal_names_its_owner(client, owner):
    rung = bell(client, "/m/acme/test/")
    assert rung["data-live"] == owner.public_id
    answer = client.get(rung["hx-get"], headers={"HX-Request": "true"})
    assert element(answer.content, "bell")
    assert client.get(rung["hx-get"]).headers["Location"] == "/m/acme/test/notifications/"


# --- Inbox ---


def test_what_one_was_told_stands_by_day_newest_first(client, shop, owner, time_machine):
    time_machine.move_to("2026-11-20T12:00:00Z", tick=False)
    # Half past midnight in Paris, where the shop is, and still yesterday in UTC.
    note(owner, shop, ago=12.5)
    note(owner, shop)
    note(owner, shop, ago=30)
    note(owner, shop, ago=60)
    page = text_of(client.get("/m/acme/test/notifications/").content.decode())
    wanted = ("Today 20 Nov 2026", "ref_1", "ref_0", "Yesterday 19 Nov 2026", "ref_2", "18 Nov 2026", "ref_3")
    places = [page.index(each) for each in wanted]
    assert places == sorted(places)


def test_it_shows_no_other_mode_merchant_or_person(client, shop, owner):
    note(owner, shop, livemode=True)
    note(owner, make_merchant())
    note(make_person(merchant=shop), shop)
    page = client.get("/m/acme/test/notifications/").content.decode()
    assert "ref_" not in page
    assert "No notifications" in page


def test_each_leads_to_its_page(client, shop, owner):
    note(owner, shop)
    page = client.get("/m/acme/test/notifications/").content.decode()
    assert '<a href="/m/acme/test/refunds/ref_0/">Failed after it was sent: refund of 12.30 EUR</a>' in page


def test_a_decision_stands_with_who_decided_and_why():
    desk = Desk()
    owner = desk.hires(MerchantRole.OWNER)
    approval = desk.asks_approval()
    reject(approval=approval, by=actor(owner), comment="Not without the goods.")
    relay()
    page = text_of(signed_in(desk.support).get(f"/m/{desk.merchant.slug}/test/notifications/").content.decode())
    assert "Rejected: refund of 150.00 EUR" in page
    assert f"Rejected by {owner.label} · Not without the goods." in page


def test_a_comment_names_customers_to_those_alone_who_may_know_them():
    desk = Desk(livemode=True)
    owner, finance_ops = desk.hires(MerchantRole.OWNER), make_person(staff_role=StaffRole.FINANCEOPS)
    approval = desk.asks_approval()
    relay()
    reject(approval=approval, by=actor(owner), comment="Lena Vogt, lena@vogt.example, called.")
    relay()
    url = f"/m/{desk.merchant.slug}/live/notifications/"
    assert "Lena Vogt, lena@vogt.example, called." in text_of(signed_in(desk.support).get(url).content.decode())
    change_role(membership=desk.support.memberships.get(), role=MerchantRole.DEVELOPER, by=SYSTEM)
    for person, place in ((desk.support, url), (finance_ops, "/ops/notifications/")):
        page = text_of(signed_in(person).get(place).content.decode())
        assert "•••• redacted, •••• redacted called." in page
        assert "Lena" not in page
        assert "vogt.example" not in page


def test_a_comment_on_several_names_none_of_their_customers():
    desk = Desk(livemode=True)
    ida = {"billing_details": {"name": "Ida Lindqvist", "email": None}}
    finance_ops = make_person(staff_role=StaffRole.FINANCEOPS)
    several = [asked.batch([pay(desk.account), pay(desk.account, **ida)], desk.support) for _ in range(3)]
    single = asked.refund(pay(desk.account, amount=LARGE), LARGE, desk.support)
    relay()
    for each in several:
        reject(approval=asked.approval_of(each), by=actor(finance_ops), comment="Ida Lindqvist, Lena Vogt: no.")
    reject(approval=asked.approval_of(single), by=actor(finance_ops), comment="Lena Vogt: no.")
    client = signed_in(finance_ops)
    with CaptureQueriesContext(connection) as queries:
        page = text_of(client.get("/ops/notifications/").content.decode())
    assert page.count(": no.") == 4
    assert not [each for each in ("Ida", "Lena") if each in page]
    # One for those of single payments, one for those of several.
    assert len([each for each in queries if 'FROM "money_command"' in each["sql"]]) == 2


def test_many_come_in_pages(client, shop, owner):
    for number in range(60):
        note(owner, shop, ago=number)
    first = client.get("/m/acme/test/notifications/").content.decode()
    assert first.count("Mark as read") == 50
    address = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert client.get(address).content.decode().count("Mark as read") == 10
    assert client.get("/m/acme/test/notifications/?cursor=x").status_code == 400


@pytest.mark.parametrize("many", [1, 20])
def test_many_cost_as_many_queries_as_one(client, shop, owner, many):
    for _ in range(many):
        note(owner, shop)
    client.get("/m/acme/test/notifications/")
    with CaptureQueriesContext(connection) as queries:
        client.get("/m/acme/test/notifications/")
    # The page, the count above it, and the bell.
    assert len([each for each in queries if '"notice"' in each["sql"]]) == 3


def test_the_list_alone_answers_a_signal(client, shop, owner):
    note(owner, shop)
    fragment = client.get("/m/acme/test/notifications/_/list/", headers={"HX-Request": "true"}).content
    page = client.get("/m/acme/test/notifications/").content
    assert text_of(str(element(fragment, "results"))) == text_of(str(element(page, "results")))
    assert b"<html" not in fragment


def test_staff_see_what_they_are_told_of_all_merchants(shop):
    agent = make_person(staff_role=StaffRole.FINANCEOPS)
    note(agent, shop, as_staff=True)
    note(agent, make_merchant("globex"), as_staff=True, livemode=True)
    page = text_of(signed_in(agent).get("/ops/notifications/").content.decode())
    assert "Acme · Test mode" in page
    assert "Globex" in page


# --- Reading ---


def test_one_is_marked_as_read(client, shop, owner):
    one, other = note(owner, shop), note(owner, shop)
    answer = client.post(READ, {"notice": one.public_id})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/m/acme/test/notifications/")
    assert [each.read_at is not None for each in told(owner)] == [True, False]
    assert count_at(client, "/m/acme/test/") == 1
    assert other.read_at is None


def test_all_of_this_merchant_and_mode_are_marked_as_read(client, shop, owner):
    note(owner, shop)
    note(owner, shop)
    kept = [note(owner, shop, livemode=True), note(owner, make_merchant())]
    client.post(READ)
    assert [each.pk for each in told(owner) if each.read_at is None] == [each.pk for each in kept]


def test_reading_twice_changes_nothing(client, shop, owner):
    one = note(owner, shop)
    client.post(READ, {"notice": one.public_id})
    first = told(owner)[0].read_at
    client.post(READ, {"notice": one.public_id})
    assert told(owner)[0].read_at == first


def test_nobody_reads_for_somebody_else(client, shop, owner):
    foreign = note(make_person(merchant=shop), shop)
    live = note(owner, shop, livemode=True)
    for notice in (foreign, live):
        assert client.post(READ, {"notice": notice.public_id}).status_code == 404
    assert not Notice.objects.exclude(read_at=None).exists()


def test_a_get_reads_nothing(client, shop, owner):
    note(owner, shop)
    assert client.get(READ).status_code == 405
    client.get("/m/acme/test/notifications/")
    assert told(owner)[0].read_at is None


def test_whoever_left_the_merchant_sees_no_more_of_it(client, shop, owner):
    make_person(merchant=shop)
    note(owner, shop)
    remove_membership(membership=owner.memberships.get(), by=SYSTEM)
    assert signed_in(owner).get("/m/acme/test/notifications/").status_code == 404


def test_members_have_no_inbox_of_staff(client):
    assert client.get("/ops/notifications/").status_code == 403


def test_open_pages_of_the_reader_hear_that_something_was_read(client, shop, owner):
    one = note(owner, shop)
    client.post(READ, {"notice": one.public_id})
    fact = OutboxEvent.objects.get(type=CHANGED)
    assert (fact.object_id, fact.payload) == (one.public_id, {"person": owner.public_id})
