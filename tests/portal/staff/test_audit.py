"""The audit log of the platform and of all merchants, for those of the staff who read it."""

import re

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.access.roles import StaffRole
from billing.audit.actor import Actor
from billing.audit.check import verify_due
from billing.audit.heads import read_heads
from billing.audit.models import AuditEvent
from billing.audit.record import record
from billing.audit.verify import verify_all
from tests.billing.audit.forging import triggers_off
from tests.portal.audit_log import LENA, act, keys, lines_of
from tests.portal.fragments import element
from tests.portal.people import make_merchant, make_person, signed_in

pytestmark = pytest.mark.django_db
LOG = "/ops/audit/"
READERS = {StaffRole.ADMIN, StaffRole.AUDITOR}


@pytest.fixture
def client():
    return signed_in(make_person(staff_role=StaffRole.AUDITOR))


def found(client, query):
    return keys(client.get(f"{LOG}?{query}", follow=True))


def key(event):
    return f"{event.merchant_id or 'platform'}-{event.seq}"


def mark(client, query=""):
    return str(element(client.get(f"{LOG}?{query}", follow=True).content, "chain"))


@pytest.mark.parametrize("role", list(StaffRole))
def test_admins_and_auditors_read_it(role):
    client = signed_in(make_person(staff_role=role))
    status = 200 if role in READERS else 403
    for rest in ("", "platform/1/", "heads/"):
        assert client.get(LOG + rest).status_code == status
    for rest in ("verify/", "export/"):
        response = client.post(LOG + rest)
        assert b"".join(response) or response.status_code == 302
        assert (response.status_code == 403) == (status == 403)


def test_members_of_merchants_do_not(client):
    member = signed_in(make_person(merchant=make_merchant()))
    for rest in ("", "platform/1/", "heads/"):
        assert member.get(LOG + rest).status_code == 403


def test_all_chains_stand_in_one_list_by_time(client):
    acme, globex = make_merchant("acme"), make_merchant("globex")
    events = [act(acme), act(), act(globex), act(acme)]
    assert found(client, "person=usr_lena") == [key(event) for event in reversed(events)]
    assert found(client, "person=usr_lena&sort=when") == [key(event) for event in events]


def test_one_merchant_or_the_platform_alone(client):
    acme, globex = make_merchant("acme"), make_merchant("globex")
    ours, theirs, own = act(acme), act(globex), act()
    assert found(client, "person=usr_lena&merchant=acme") == [key(ours)]
    assert found(client, "person=usr_lena&merchant=globex") == [key(theirs)]
    assert found(client, "person=usr_lena&chain=platform") == [key(own)]
    assert found(client, "merchant=nobody") == []


def test_pages_follow_each_other_through_rows_of_one_moment(client):
    with time_machine.travel("2026-11-20T12:00:00Z", tick=False):
        merchants = [make_merchant() for _number in range(20)]
        events = [act(merchant) for merchant in merchants for _number in range(2)]
    seen, url = [], f"{LOG}?person=usr_lena"
    while url:
        page = client.get(url)
        seen += keys(page)
        following = re.findall(r'<a rel="next" href="([^"]*)"', page.content.decode())
        url = following[0].replace("&amp;", "&") if following else ""
    assert len(seen) == 40
    assert set(seen) == {key(event) for event in events}


def test_one_row_of_each_chain(client):
    closed = record(merchant_id=987654, actor=LENA, action="tag.added", object_type="tag", object_id="vip")
    named = {"Platform": act(), "Acme": act(make_merchant("acme")), "Merchant 987654, closed": closed}
    for name, event in named.items():
        page = client.get(f"{LOG}{event.merchant_id or 'platform'}/{event.seq}/")
        assert f"<dd>{name}<small>" in page.content.decode()


@pytest.mark.parametrize("rest", ["platform/99999/", "987654/1/", "acme/1/", "platform/x/", "0/1/", f"{'9' * 30}/1/"])
def test_a_row_that_is_not_there_is_not_found(client, rest):
    act(make_merchant("acme"))
    assert client.get(LOG + rest).status_code == 404


def test_the_address_of_staff_is_shown_to_staff(client):
    act(actor=Actor("staff", "usr_agent", "Ada Agent", address="198.51.100.9"))
    assert "198.51.100.9" in client.get(LOG).content.decode()


def test_people_are_named(client):
    person = make_person("grace@shop.example")
    act(action="visit.began", object_type="visit", object_id="1", after={"person": person.public_id})
    assert f"<ins>{person.label}</ins>" in client.get(LOG).content.decode()
    for id_ in (person.public_id, str(person.pk)):
        act(object_type="user", object_id=id_)
    page = client.get(f"{LOG}?person=usr_lena").content.decode()
    assert page.count(f'title="{person.label}"') == 2


def test_objects_lead_to_pages_that_the_reader_may_open(client):
    acme = make_merchant("acme")
    act(acme, action="merchant.described", object_type="merchant", object_id=acme.public_id)
    assert '<a href="/ops/merchants/acme/">' in client.get(LOG).content.decode()


def test_more_rows_cost_no_more_queries(client):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            client.get(f"{LOG}?person=usr_lena")
        return len(queries)

    for merchant in (make_merchant("acme"), make_merchant("globex")):
        act(merchant, action="merchant.described", object_type="merchant", object_id=merchant.public_id)
    two = cost()
    for merchant in (make_merchant(), make_merchant()):
        act(merchant, action="merchant.described", object_type="merchant", object_id=merchant.public_id)
    assert cost() == two


def test_the_mark_counts_chains(client):
    assert "Not verified yet" in mark(client)
    act(make_merchant("acme"))
    act()
    verify_due()
    assert "2 chains verified" in mark(client)
    act(make_merchant("globex"))
    client.get(LOG)
    assert "2 chains verified" in mark(client)
    assert "Not verified yet" in mark(client, "merchant=globex")
    client.post(f"{LOG}verify/?merchant=globex")
    assert "Verified to" in mark(client, "merchant=globex")
    assert "3 chains verified" in mark(client)


@pytest.mark.as_owner
def test_broken_chains_are_named(client):
    acme = make_merchant("acme")
    event = act(acme)
    act()
    with triggers_off():
        AuditEvent.objects.filter(pk=event.pk).update(reason="Forged.")
    client.post(f"{LOG}verify/")
    told = mark(client)
    assert "1 chain broken" in told
    assert "Acme" in told
    assert f'href="{LOG}{acme.pk}/{event.seq}/"' in told
    assert "verified" not in told.split("What this says")[0]
    assert "Verified to" in mark(client, "chain=platform")
    row = client.get(f"{LOG}?object=audit_chain").content.decode().split("<tr data-row=")[1]
    assert "Break in the audit log found" in row
    assert "Acme" in row


@pytest.mark.as_owner
def test_the_health_page_and_the_merchants_page_lead_here(client):
    acme = make_merchant("acme")
    assert f'href="{LOG}?merchant=acme"' in client.get("/ops/merchants/acme/").content.decode()
    event = act(acme)
    assert "Not verified yet" in client.get("/ops/system/health/").content.decode()
    verify_due()
    assert "Holds" in client.get("/ops/system/health/").content.decode()
    with triggers_off():
        AuditEvent.objects.filter(pk=event.pk).update(reason="Forged.")
    client.post(f"{LOG}verify/")
    assert "Does not hold" in client.get("/ops/system/health/").content.decode()


@pytest.mark.as_owner
def test_a_missing_row_is_named_without_a_link(client):
    acme = make_merchant("acme")
    act(acme)
    event = act(acme)
    act(acme)
    with triggers_off():
        AuditEvent.objects.filter(pk=event.pk).delete()
    client.post(f"{LOG}verify/")
    assert f"row {event.seq}" in mark(client)
    assert f"{LOG}{acme.pk}/{event.seq}/" not in mark(client)


def test_the_file_holds_all_chains(client):
    acme = make_merchant("acme")
    events = [act(acme), act(), act(acme)]
    lines = lines_of(client.post(f"{LOG}export/?person=usr_lena"))
    assert [(line["chain"], int(line["number"])) for line in lines] == [
        (str(event.merchant_id or "platform"), event.seq) for event in reversed(events)
    ]
    told = AuditEvent.objects.get(action="audit.exported")
    assert (told.merchant_id, told.object_id) == (None, "all")


@pytest.mark.as_owner
def test_signed_heads_are_those_of_all_chains_that_hold(client, tmp_path):
    acme, globex = make_merchant("acme"), make_merchant("globex")
    act(acme), act()
    forged = act(globex)
    with triggers_off():
        AuditEvent.objects.filter(pk=forged.pk).update(reason="Forged.")
    verify_due()
    file = tmp_path / "heads.jsonl"
    file.write_bytes(client.get(f"{LOG}heads/").content)
    heads = read_heads(file)
    assert {head.merchant_id for head in heads} == {acme.pk, None}
    assert {found.merchant_id for found in verify_all(heads).breaks} == {globex.pk}
