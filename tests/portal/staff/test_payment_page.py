"""One payment as staff see it: whose it is, who is shown, who writes for whom, and the way to the merchant's page."""

import re
import uuid

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from billing.access.roles import MerchantRole, StaffRole
from billing.access.verbs import P
from billing.audit.models import AuditEvent
from billing.notes.models import Note
from billing.payments.models import Payment
from portal.web.payments.page import PaymentPage
from tests.billing.deliveries import make_connection
from tests.portal.fragments import HTMX, element
from tests.portal.money import write_dispute, write_refund
from tests.portal.payments import address, authorise, pay
from tests.portal.people import make_merchant, make_person, signed_in

pytestmark = pytest.mark.django_db
NOW = "2026-11-20T12:00:00Z"
PERSONAL = ("Lena", "Vogt", "lena@")
WRITERS = {role for role in StaffRole if P.OPS_NOTES_WRITE in role.verbs}
REVEALERS = {role for role in StaffRole if P.OPS_CUSTOMER_REVEAL in role.verbs}
VISITORS = {role for role in StaffRole if P.OPS_MERCHANTS_ENTER in role.verbs}


@pytest.fixture
def payment() -> Payment:
    account = make_connection(make_merchant("acme"), livemode=True)
    metadata = {"mail": "lena@vogt.example", "order_id": "AO-7"}
    return pay(account, metadata=metadata, description="Tent for lena@vogt.example")


@pytest.fixture
def agent() -> Client:
    return signed_in(make_person(staff_role=StaffRole.AGENT))


def url(payment: Payment, rest: str = "") -> str:
    return f"/ops/transactions/{payment.public_id}/{rest}"


def theirs(payment: Payment) -> str:
    return address(payment.merchant, f"transactions/{payment.public_id}/", "live" if payment.livemode else "test")


def read(client: Client, payment: Payment, rest: str = "") -> str:
    response = client.get(url(payment, rest))
    assert response.status_code == 200
    return response.content.decode()


def write(client: Client, payment: Payment, text: str, audience: str = "staff", **more):
    sent = {"text": text, "audience": audience, "form_key": str(uuid.uuid4())}
    return client.post(url(payment, "notes/"), sent, **more)


def notes(html: str) -> list[str]:
    return re.findall(r'<p class="cf-note-text" dir="auto">(.*?)</p>', html, re.DOTALL)


def test_an_unknown_payment_is_not_found(agent, payment):
    assert agent.get("/ops/transactions/pay_nothing/").status_code == 404


def test_it_says_whose_payment_it_is_and_in_which_mode(agent, payment):
    html = read(agent, payment)
    assert '<dt>Merchant</dt><dd><a href="/ops/merchants/acme/">Acme</a></dd>' in html
    tested = pay(make_connection(payment.merchant))
    assert 'Acme</a> <span class="cf-tag">test</span>' in read(agent, tested)


def test_times_are_those_of_the_merchant(agent, payment):
    assert "Times in Europe/Paris" in read(agent, payment)


def test_what_became_of_it_is_told_as_on_the_merchants_page(agent, payment):
    refund, dispute = write_refund(payment, amount=500), write_dispute(payment)
    html = read(agent, payment)
    member = signed_in(make_person(merchant=payment.merchant)).get(theirs(payment)).content
    for part in ("money", refund.public_id, dispute.public_id):
        shown, told = str(element(html, part)), str(element(member, part))
        # Pages of refunds stand below that of the payment.
        shown = shown.replace(f"{url(payment)}refunds/", address(payment.merchant, "refunds/", "live"))
        assert "".join(shown.replace("/ops/", "/m/acme/live/").split()) == "".join(told.split()), part
    for what in ("Captured", 'id="related"' if 'id="related"' in member.decode() else "Attempts"):
        assert what in html


@pytest.mark.parametrize("panel", sorted(PaymentPage.panels))
def test_each_part_answers_by_itself_and_leads_to_the_page(agent, payment, panel):
    asked = url(payment, f"_/{panel}/")
    assert agent.get(asked, headers=HTMX).status_code == 200
    assert agent.get(asked)["Location"] == f"{url(payment)}#{panel}"


# --- Whose it is ---
@pytest.mark.parametrize("role", list(StaffRole))
@pytest.mark.parametrize("livemode", [True, False])
def test_people_are_masked_for_all_staff_in_either_mode(payment, role, livemode):
    if not livemode:
        payment = pay(make_connection(payment.merchant), description="Tent for lena@vogt.example")
    client = signed_in(make_person(staff_role=role))
    for rest in ("", "?raw=1", "?notes=all"):
        html = read(client, payment, rest)
        assert [mark for mark in PERSONAL if mark in html] == []
        assert "L•••• V••••" in html
        assert (">Reveal</button>" in html) is (role in REVEALERS)


@pytest.mark.parametrize("role", list(StaffRole))
def test_who_may_has_them_shown_for_a_while_and_the_merchants_trail_remembers(payment, role):
    person = make_person(staff_role=role)
    client = signed_in(person)
    with time_machine.travel(NOW, tick=False) as clock:
        answer = client.post(url(payment, "reveal/"))
        assert answer.status_code == (302 if role in REVEALERS else 403)
        html = read(client, payment)
        assert ("Lena Vogt" in html) is (role in REVEALERS)
        clock.shift(601)
        assert "Lena" not in read(client, payment)
    rows = AuditEvent.objects.filter(object_id=payment.public_id, action="customer.revealed")
    found = [(row.actor_kind, row.actor_id, row.merchant_id) for row in rows]
    assert found == ([("staff", person.public_id, payment.merchant_id)] if role in REVEALERS else [])


def test_a_merchant_reads_that_staff_looked(agent, payment):
    agent.post(url(payment, "reveal/"))
    assert (
        "Viewed by 1 person" in signed_in(make_person(merchant=payment.merchant)).get(theirs(payment)).content.decode()
    )


# --- Notes ---
@pytest.mark.parametrize("role", list(StaffRole))
def test_who_may_writes_notes_and_others_read_why_not(payment, role):
    client = signed_in(make_person(staff_role=role))
    html = read(client, payment)
    assert ('id="note-form"' in html) is (role in WRITERS)
    assert write(client, payment, "Called them.").status_code == (302 if role in WRITERS else 403)
    assert Note.objects.count() == (1 if role in WRITERS else 0)


def test_a_note_is_for_staff_alone_unless_asked_otherwise(agent, payment):
    html = read(agent, payment)
    assert '<option value="staff" selected>Staff only</option>' in html
    write(agent, payment, "Known as a reseller.")
    write(agent, payment, "The parcel is lost.", audience="merchant_and_staff")
    assert notes(read(agent, payment)) == ["Known as a reseller.", "The parcel is lost."]
    member = signed_in(make_person(merchant=payment.merchant))
    html = member.get(theirs(payment)).content.decode()
    assert notes(html) == ["The parcel is lost."]
    assert "reseller" not in html


def test_a_merchants_own_role_says_nothing_here(payment):
    owner = signed_in(make_person(merchant=payment.merchant, role=MerchantRole.OWNER))
    for rest in ("", "?raw=1", "_/notes/"):
        assert owner.get(url(payment, rest)).status_code == 403
    assert write(owner, payment, "Mine.").status_code == 403


def test_without_words_the_form_comes_back(agent, payment):
    answer = write(agent, payment, " ", headers={**HTMX, "HX-Target": "notes"})
    assert answer.status_code == 422
    assert b"Write something before you add the note." in answer.content
    assert write(agent, payment, "x", audience="everybody").status_code == 422


# --- Events and raw data ---
def test_events_are_linked_for_those_who_may_see_them(agent, payment):
    assert "/ops/system/events/" not in read(agent, payment)
    assert "/ops/system/events/whk_" in read(signed_in(make_person(staff_role=StaffRole.ADMIN)), payment)


def test_raw_data_are_there_for_all_staff_without_people(agent, payment):
    html = read(agent, payment, "?raw=1")
    assert payment.external_charge_id in html
    assert "AO-7" in html
    assert "vogt" not in html.lower()


# --- The way to the merchant ---
@pytest.mark.parametrize("role", list(StaffRole))
def test_who_may_visit_the_merchant_finds_the_way_to_its_own_page_of_it(payment, role):
    client = signed_in(make_person(staff_role=role))
    visit = f"/ops/merchants/acme/visit/?next={theirs(payment)}"
    assert (visit in read(client, payment)) is (role in VISITORS)
    if role not in VISITORS:
        return
    begun = client.post(visit, {"reason": "Case 4711: refund missing"})
    assert (begun.status_code, begun["Location"]) == (303, theirs(payment))
    assert client.get(theirs(payment)).status_code == 200
    # Once the visit is under way nobody asks again.
    assert client.get(visit)["Location"] == theirs(payment)


@pytest.mark.parametrize("wanted", ["https://evil.example/m/acme/", "//evil.example/", "/m/globex/live/", "/ops/", ""])
def test_a_visit_leads_to_pages_of_that_merchant_alone(agent, payment, wanted):
    begun = agent.post(f"/ops/merchants/acme/visit/?next={wanted}", {"reason": "Case 4711: refund missing"})
    assert re.fullmatch(r"/m/acme/(live|test)/", begun["Location"])


def test_more_that_belongs_to_it_asks_no_more_queries(agent, payment):
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            read(agent, payment)
        return len(asked)

    counts = []
    for more in (1, 2, 20):
        for _ in range(more):
            write_refund(payment, amount=1)
            write_dispute(payment)
            write(agent, payment, "Once more.")
        queries()
        counts.append(queries())
    assert counts == [counts[0]] * 3


def test_staff_read_who_captures(agent):
    held = authorise(make_connection(make_merchant("globex")))
    assert "Owners and Admins of the merchant capture and cancel payments." in read(agent, held)
