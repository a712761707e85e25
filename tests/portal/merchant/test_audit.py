"""The audit log of a merchant: the list, one row, and how far it was verified."""

import re
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing import clock
from billing.access.roles import MerchantRole, StaffRole
from billing.audit.actor import SYSTEM, Actor
from billing.audit.check import verify_due
from billing.audit.models import AuditEvent, ChainCheck
from portal.web.pagination import SIZES
from tests.billing.audit.forging import triggers_off
from tests.billing.deliveries import make_connection
from tests.portal.audit_log import act, lines_of, log, numbers
from tests.portal.fragments import element, swap, swapped_out_of_band
from tests.portal.payments import address, pay
from tests.portal.people import make_merchant, make_person, signed_in

pytestmark = pytest.mark.django_db
HOSTILE = "=cmd|' /C calc'!A0<script>alert(1)</script>\"'{{ 7 }}"


@pytest.fixture
def begun(shop, client):
    """How many rows the shop's chain has before a test adds its own."""
    return AuditEvent.objects.of_chain(shop.pk).count()


@pytest.fixture
def found(client, shop, begun):
    """Which of its own rows, counted from 1, a test finds by a query."""
    return lambda query: [
        seq - begun for seq in numbers(client.get(f"{log(shop)}?{query}", follow=True)) if seq > begun
    ]


def test_a_row_tells_who_did_what_from_where_and_when(client, shop):
    with time_machine.travel("2026-11-20T23:30:05Z", tick=False):
        act(shop, before={"role": "viewer"}, after={"role": "owner"}, reason="Promoted.")
    page = unescape(client.get(f"{log(shop)}?person=usr_lena").content.decode())
    row = page.split("<tr data-row=")[1].split("</tr>")[0]
    for text in ("21 Nov 2026, 00:30:05", "20 Nov 2026, 23:30:05 UTC", "Lena Vogt", "Tag added", "vip", "192.0.2.7"):
        assert text in row
    assert "<del>Viewer</del>" in row
    assert "<ins>Owner</ins>" in row
    assert "Promoted." in row


def test_an_action_that_nobody_described_is_shown_as_recorded(client, shop):
    act(shop, action="thing.done", object_type="thing")
    page = client.get(log(shop)).content.decode()
    assert "<code>thing.done</code>" in page
    assert ">thing<" in page


def test_both_modes_show_the_same_log(client, shop):
    act(shop)
    assert numbers(client.get(log(shop))) == numbers(client.get(log(shop, mode="live")))


@pytest.mark.parametrize("role", list(MerchantRole))
def test_owners_and_admins_read_it(shop, role):
    client = signed_in(make_person(merchant=shop, role=role))
    status = 200 if role in (MerchantRole.OWNER, MerchantRole.ADMIN) else 403
    for rest in ("", "1/", "heads/"):
        assert client.get(log(shop, rest)).status_code == status
    for rest in ("verify/", "export/"):
        response = client.post(log(shop, rest))
        # The file is closed when it was read to its end.
        assert b"".join(response) or response.status_code == 302
        assert (response.status_code == 403) == (status == 403)


def test_the_log_of_another_merchant_does_not_exist(client, shop):
    other = make_merchant("globex")
    act(other, object_id="theirs")
    for rest in ("", "1/", "heads/", "_/chain/"):
        assert client.get(log(other, rest)).status_code == 404
    for rest in ("verify/", "export/"):
        assert client.post(log(other, rest)).status_code == 404
    assert "theirs" not in client.get(log(shop)).content.decode()
    assert numbers(client.get(f"{log(shop)}?q=theirs")) == []
    # Merchants have no filter for merchants: it is left out of the address.
    assert numbers(client.get(f"{log(shop)}?merchant=globex", follow=True)) == numbers(client.get(log(shop)))


def test_staff_without_a_membership_do_not_find_it(shop):
    client = signed_in(make_person(staff_role=StaffRole.AUDITOR))
    assert client.get(log(shop)).status_code == 404


def test_filters(shop, found):
    # The first row of the test's own: this member is added.
    person = make_person("grace@shop.example", merchant=shop)
    grace = Actor("user", person.public_id, "Grace", request_id="req_2")
    act(shop, actor=grace, action="note.added", object_type="note", object_id="note_1", after={"payment": "pay_1"})
    act(shop, action="customer.revealed", object_type="payment", object_id="pay_1", after=None)
    with time_machine.travel(clock.now() - timedelta(days=40), tick=False):
        act(shop, actor=SYSTEM, action="merchant.described", object_type="merchant", object_id="mer_1")
    added, note, reveal, old = 1, 2, 3, 4

    assert found("") == [reveal, note, added, old]
    assert found("action=personal-data") == [reveal]
    assert found("action=personal-data&action=notes") == [reveal, note]
    assert found("q=pay_1") == [reveal]
    assert found("q=req_2") == [note]
    assert found("q=req_2&action=personal-data") == []
    assert found("object=merchant") == [old]
    assert found(f"person={person.public_id}") == [note]
    assert found("person=GRACE%40shop.example") == [note]
    assert found("person=usr_lena") == [reveal]
    assert found("person=system") == [added, old]
    assert found("person=nobody") == []
    assert found("date=last-30-days") == [reveal, note, added]
    assert found(f"until={(clock.now() - timedelta(days=39)).date()}") == [old]
    assert found(f"since={(clock.now() - timedelta(days=1)).date()}&person=usr_lena") == [reveal]
    # Merchants have no filter for chains: it is left out of the address.
    assert found("chain=platform&merchant=globex") == found("")


@pytest.mark.parametrize(
    "query",
    ["action=nothing", "object=nothing", "since=2026-11-10&until=2026-11-01", "since=never", "person=" + "x" * 300],
)
def test_a_filter_that_cannot_be_read_says_so(client, shop, query):
    page = client.get(f"{log(shop)}?{query}")
    assert page.status_code == 200
    assert 'id="error-summary"' in page.content.decode()
    assert swap(client, f"{log(shop)}?{query}").status_code == 422
    assert client.post(f"{log(shop, 'export/')}?{query}").status_code == 422


@pytest.mark.parametrize("cursor", ["x", "n.2.5", "n.2.1.abc.de", "p.1.1.1.nouuid", "n.2.99999999999999999999999.1.x"])
def test_a_cursor_of_another_list_is_refused(client, shop, cursor):
    assert client.get(f"{log(shop)}?cursor={cursor}").status_code == 400


def test_pages_follow_each_other_both_ways(client, shop, begun):
    with time_machine.travel(clock.now() + timedelta(seconds=5), tick=False):
        for _number in range(30):
            act(shop)
    everything = list(range(begun + 30, 0, -1))
    first = client.get(log(shop))
    assert numbers(first) == everything[: SIZES[0]]
    following = unescape(re.findall(r'<a rel="next" href="([^"]*)"', first.content.decode())[0])
    second = client.get(following)
    assert numbers(second) == everything[SIZES[0] :]
    previous = unescape(re.findall(r'<a rel="prev" href="([^"]*)"', second.content.decode())[0])
    assert numbers(client.get(previous)) == numbers(first)
    assert numbers(client.get(f"{log(shop)}?sort=when&size=100")) == everything[::-1]


def test_a_swapped_list_equals_the_fresh_page(client, shop):
    act(shop, action="customer.revealed")
    partial = swap(client, f"{log(shop)}?action=personal-data")
    fresh = client.get(partial["HX-Push-Url"])
    assert element(partial.content, "results") == element(fresh.content, "results")
    for id_, swapped in swapped_out_of_band(partial.content).items():
        assert swapped == element(fresh.content, id_), id_


def test_more_rows_cost_no_more_queries(client, shop, account):
    payment = pay(account)

    def cost():
        with CaptureQueriesContext(connection) as queries:
            client.get(f"{log(shop)}?q={payment.public_id}")
        return len(queries)

    reveal = {"action": "customer.revealed", "object_type": "payment", "object_id": payment.public_id}
    act(shop, **reveal)
    one = cost()
    act(shop, **reveal)
    act(shop, **reveal)
    assert cost() == one


def test_notes_among_staff_are_left_out_of_everything(client, shop, begun):
    agent = Actor("staff", "usr_agent", "Ada Agent", address="198.51.100.9")
    for_both = {"payment": "pay_1", "audience": "merchant_and_staff"}
    act(shop, actor=agent, action="note.added", object_type="note", object_id="note_both", after=for_both)
    among = {"payment": "pay_1", "audience": "staff"}
    act(shop, actor=agent, action="note.added", object_type="note", object_id="note_among", after=among)
    act(shop, after=None)
    assert numbers(client.get(log(shop)))[:2] == [begun + 3, begun + 1]
    assert client.get(log(shop, f"{begun + 2}/")).status_code == 404
    lines = lines_of(client.post(log(shop, "export/")))
    assert "note_both" in {line["object_id"] for line in lines}
    assert "note_among" not in {line["object_id"] for line in lines}


def test_merchants_do_not_learn_where_staff_sit(client, shop, begun):
    agent = Actor("staff", "usr_agent", "Ada Agent", address="198.51.100.9", on_behalf_of=shop.public_id)
    act(shop, actor=agent, action="visit.began", object_type="visit", object_id="1", after=None)
    page = client.get(log(shop)).content.decode()
    assert "as a guest of Acme" in page
    assert "198.51.100.9" not in page
    assert "198.51.100.9" not in client.get(log(shop, f"{begun + 1}/")).content.decode()
    assert "198.51.100.9" not in {line["address"] for line in lines_of(client.post(log(shop, "export/")))}


def test_objects_lead_to_their_pages(client, shop, account):
    payment = pay(account)
    act(shop, action="customer.revealed", object_type="payment", object_id=payment.public_id)
    act(shop, action="note.added", object_type="note", object_id="note_1", after={"payment": payment.public_id})
    act(shop, action="connection.tested", object_type="connection", object_id=account.public_id)
    act(shop, object_type="payment", object_id="pay_of_nobody")
    page = client.get(log(shop)).content.decode()
    assert page.count(f'<a href="{address(shop)}{payment.public_id}/">') == 2
    assert f'<a href="{address(shop, "settings/connections/")}{account.public_id}/">' in page
    assert "pay_of_nobody/" not in page


def test_objects_of_others_lead_nowhere(client, shop):
    theirs = pay(make_connection(make_merchant("globex")))
    act(shop, action="customer.revealed", object_type="payment", object_id=theirs.public_id)
    assert f"{theirs.public_id}/" not in client.get(log(shop)).content.decode()


def test_one_row_shows_every_field_and_its_place_in_the_chain(client, shop, begun):
    before = {"name": "Old", "default_currency": "EUR"}
    event = act(shop, before=before, after={"name": "New", "timezone": "Asia/Tokyo"}, reason="Asked\nfor.")
    page = unescape(client.get(log(shop, f"{event.seq}/")).content.decode())
    for text in ("<del>Old</del>", "<ins>New</ins>", "<del>EUR</del>", "<ins>Asia/Tokyo</ins>", "Asked\nfor."):
        assert text in page
    assert event.hash in page
    assert event.prev_hash in page
    assert f'href="{log(shop)}?q=req_1"' in page
    assert f'href="{log(shop)}?person=usr_lena"' in page
    assert f'href="{log(shop)}{begun}/"' in page


def test_one_row_leads_back_to_the_list_it_was_found_in(client, shop):
    event = act(shop)
    list_ = f"{log(shop)}?person=usr_lena"
    link = re.search(r'<a class="cf-row-link" href="([^"]*)"', client.get(list_).content.decode())
    page = client.get(unescape(link[1])).content.decode()
    assert f'<a href="{list_}" data-back>' in unescape(page)
    foreign = client.get(f"{log(shop, f'{event.seq}/')}?back=https://evil.example/").content.decode()
    assert "evil.example" not in foreign


@pytest.mark.parametrize("row", ["0", "99999", "x", "9" * 30, "-1", "٣"])
def test_a_row_that_is_not_there_is_not_found(client, shop, row):
    assert client.get(log(shop, f"{row}/")).status_code == 404


def test_hostile_text_stays_text(client, shop):
    actor = Actor("user", HOSTILE, HOSTILE, request_id=HOSTILE, address=HOSTILE, on_behalf_of=HOSTILE)
    event = act(
        shop,
        actor=actor,
        action=HOSTILE,
        object_type=HOSTILE,
        object_id=HOSTILE,
        before={HOSTILE: HOSTILE},
        after={HOSTILE: [HOSTILE, {HOSTILE: HOSTILE}]},
        reason=HOSTILE,
    )
    for page in (log(shop), log(shop, f"{event.seq}/"), f"{log(shop)}?person={HOSTILE}"):
        html = client.get(page, follow=True).content.decode()
        assert "<script>alert" not in html
        assert "{{ 7 }}" in html
    line = next(line for line in lines_of(client.post(log(shop, "export/"))) if line["number"] == str(event.seq))
    for name in ("actor_id", "actor", "on_behalf_of", "address", "action", "object_type", "object_id", "reason"):
        assert line[name] == f"'{HOSTILE}"


def mark(client, shop):
    return str(element(client.get(log(shop)).content, "chain"))


def test_the_mark_says_what_was_verified_and_no_more(client, shop):
    assert "Not verified yet" in mark(client, shop)
    act(shop)
    verify_due()
    count = AuditEvent.objects.of_chain(shop.pk).count()
    assert f"Verified to #{count}" in mark(client, shop)
    assert "for the next check" not in mark(client, shop)
    act(shop)
    assert f"Verified to #{count}" in mark(client, shop)
    assert "1 newer row waits for the next check" in mark(client, shop)


def test_a_mark_that_is_hours_old_is_no_good_news(client, shop):
    verify_due()
    assert "cf-ok" in mark(client, shop)
    ChainCheck.objects.update(verified_at=clock.now() - timedelta(hours=4))
    told = mark(client, shop)
    assert "Verified to" in told
    assert "the check of each hour is late" in told
    assert "cf-warn" in told


def test_a_check_under_way_tells_how_far_it_came_until_it_is_done(client, shop):
    verify_due()
    ChainCheck.objects.update(
        begun_at=clock.now(), reached_seq=1, reached_hash=AuditEvent.objects.get(seq=1, merchant_id=shop.pk).hash
    )
    panel = swap(client, log(shop, "_/chain/"), target="chain").content.decode()
    assert "A check is under way: row 1" in panel
    assert 'hx-trigger="every 3s"' in panel
    verify_due()
    assert "hx-trigger" not in swap(client, log(shop, "_/chain/"), target="chain").content.decode()
    assert client.get(log(shop, "_/chain/"))["Location"] == f"{log(shop)}#chain"


@pytest.mark.as_owner
def test_a_break_is_named_with_its_row(client, shop):
    event, _later = act(shop), act(shop)
    verify_due()
    with triggers_off():
        AuditEvent.objects.filter(pk=event.pk).update(reason="Forged.")
    assert "Verified to" in mark(client, shop)
    client.post(log(shop, "verify/"))
    told = mark(client, shop)
    assert f"Broken at #{event.seq}" in told
    assert "cf-danger" in told
    assert "its content is not what was hashed." in told
    assert f'href="{log(shop)}{event.seq}/"' in told
    assert "Verified to" not in told
    page = client.get(log(shop, f"{event.seq + 1}/")).content.decode()
    assert f"The chain does not hold from row {event.seq} on" in page


def test_verifying_now_verifies_the_own_chain_only(client, shop):
    other = make_merchant("globex")
    act(other)
    assert client.post(log(shop, "verify/"))["Location"] == f"{log(shop)}#chain"
    assert "Verified to" in mark(client, shop)
    assert "Not verified yet" in mark(signed_in(make_person(merchant=other)), other)


def test_looking_writes_nothing(client, shop):
    act(shop)
    count = AuditEvent.objects.count()
    for rest in ("", "1/", "heads/", "_/chain/"):
        client.get(log(shop, rest))
    assert AuditEvent.objects.count() == count
