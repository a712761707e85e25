"""Notes on the page of a payment."""

import re
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.access.roles import MerchantRole
from billing.audit.actor import Actor
from billing.notes.add import add_note
from billing.notes.models import LONGEST, Audience, Note, Subject, SubjectKind
from billing.notes.queries import SHOWN
from tests.billing.deliveries import make_connection
from tests.portal.fragments import element, has_element, hidden_fields, swap
from tests.portal.payments import address, pay
from tests.portal.people import make_merchant, make_person, signed_in

pytestmark = pytest.mark.django_db
AGENT = Actor("staff", "usr_agent", "Sam Staff")
HTMX = {"HX-Request": "true", "HX-Target": "notes"}


@pytest.fixture
def payment(shop):
    return pay(make_connection(shop))


@pytest.fixture
def client(shop):
    return signed_in(make_person(merchant=shop, role=MerchantRole.SUPPORT))


def page_of(payment, rest=""):
    return address(payment.merchant, f"transactions/{payment.public_id}/{rest}", "live" if payment.livemode else "test")


def send(client, payment, text="Two pegs bent.", *, key=None, **more):
    return client.post(page_of(payment, "notes/"), {"text": text, "form_key": key or str(uuid.uuid4())}, **more)


def write(payment, text, **fields):
    values = {"by": AGENT, "audience": Audience.MERCHANT_AND_STAFF, "form_key": str(uuid.uuid4())}
    subject = Subject(SubjectKind.PAYMENT, payment.public_id)
    return add_note(
        merchant=payment.merchant, livemode=payment.livemode, subject=subject, text=text, **{**values, **fields}
    )


def shown(html):
    return re.findall(r'<p class="cf-note-text" dir="auto">(.*?)</p>', html, re.DOTALL)


def test_without_scripts_a_note_is_written_and_the_page_shows_it(client, payment):
    key = hidden_fields(client.get(page_of(payment)).content)["form_key"]
    answer = send(client, payment, key=key)
    assert (answer.status_code, answer["Location"]) == (302, f"{page_of(payment)}#notes")
    html = client.get(page_of(payment)).content.decode()
    assert shown(html) == ["Two pegs bent."]
    assert "Note added." in html
    note = Note.objects.get()
    assert (note.audience, note.author_label, note.subject_id) == (
        "merchant_and_staff",
        "Pat Person",
        payment.public_id,
    )


def test_a_double_click_writes_one_note(client, payment):
    key = str(uuid.uuid4())
    for _ in range(2):
        assert send(client, payment, key=key, headers=HTMX).status_code == 200
    assert Note.objects.count() == 1


def test_a_form_that_somebody_went_back_to_says_what_became_of_it(client, payment):
    key = str(uuid.uuid4())
    send(client, payment, "one", key=key)
    answer = send(client, payment, "two", key=key, headers=HTMX)
    assert answer.status_code == 409
    html = answer.content.decode()
    assert "sent before with other words" in html
    assert "two</textarea>" in html
    renewed = hidden_fields(answer.content)["form_key"]
    assert renewed != key
    assert send(client, payment, "two", key=renewed).status_code == 302
    assert shown(client.get(page_of(payment)).content.decode()) == ["one", "two"]


def test_a_swapped_panel_equals_the_fresh_page(client, payment):
    answer = send(client, payment, headers=HTMX)
    assert '"Note added."' in answer["HX-Trigger"]
    fresh = client.get(page_of(payment)).content
    assert element(answer.content, "note-thread") == element(fresh, "note-thread")
    assert b"<html" not in answer.content
    assert answer.content.lstrip().startswith(b"<title>20.00 EUR")
    thread = swap(client, page_of(payment, "_/notes/"), "note-thread")
    assert element(thread.content, "note-thread") == element(fresh, "note-thread")
    assert not has_element(thread.content, "note-form")
    assert client.get(page_of(payment, "_/notes/"))["Location"] == f"{page_of(payment)}#notes"


@pytest.mark.parametrize(
    ("text", "words"),
    [("  \r\n ", "Write something before"), ("", "Write something"), ("x" * (LONGEST + 12), "take out 12")],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(client, payment, text, words):
    for headers in ({}, HTMX):
        answer = send(client, payment, text, headers=headers)
        html = answer.content.decode()
        assert answer.status_code == 422
        assert "<title>Error:" in html
        assert words in html
        assert 'href="#note-text"' in html
        assert 'aria-invalid="true"' in html
        assert f"{text.strip()}</textarea>" in html
    assert not Note.objects.exists()


def test_a_form_without_its_key_writes_nothing_and_can_be_sent_again(client, payment):
    for key in ("", "junk", "\0", "'; --"):
        answer = client.post(page_of(payment, "notes/"), {"text": "Hello", "form_key": key})
        assert answer.status_code == 422
        assert "Hello</textarea>" in answer.content.decode()
    assert not Note.objects.exists()
    assert send(client, payment, "Hello", key=hidden_fields(answer.content)["form_key"]).status_code == 302


def test_card_numbers_reach_no_note(client, payment):
    for number in ("4242424242424242", "4242 4242 4242 4242", "paid with 4242-4242-4242-4242 today"):
        assert send(client, payment, number).status_code == 400
        assert send(client, payment, number, headers=HTMX).status_code == 400
    assert not Note.objects.exists()


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "</textarea><b>x</b>",
        "{% load x %}{{ request }}",
        "\u202eevil\u202c &lt;b&gt;",
        "=HYPERLINK(1)",
        '\']},\n"x"',
    ],
)
def test_hostile_text_stays_text(client, payment, text):
    send(client, payment, text)
    html = client.get(page_of(payment)).content.decode()
    quoted = re.sub(r"&#x27;", "'", shown(html)[0]).replace("&quot;", '"').replace("&lt;", "<").replace("&gt;", ">")
    assert quoted.replace("&amp;", "&") == text
    for mark in ("<script>alert", "<img src=x", "<b>x"):
        assert mark not in html


def test_merchants_never_see_what_staff_wrote_for_staff(shop, payment):
    write(payment, "The shop may be a front", audience=Audience.STAFF)
    write(payment, "We ask the bank")
    for role in MerchantRole:
        client = signed_in(make_person(merchant=shop, role=role))
        for url in (page_of(payment), page_of(payment, "?notes=all")):
            html = client.get(url).content.decode()
            assert shown(html) == ["We ask the bank"]
            assert "front" not in html
        assert "front" not in swap(client, page_of(payment, "_/notes/"), "note-thread").content.decode()


def test_what_a_merchants_person_writes_is_for_both_whatever_the_form_says(client, payment):
    key = str(uuid.uuid4())
    client.post(page_of(payment, "notes/"), {"text": "Hello", "form_key": key, "audience": "staff"})
    assert Note.objects.get().audience == "merchant_and_staff"
    assert b'name="audience"' not in client.get(page_of(payment)).content


@pytest.mark.parametrize("role", [MerchantRole.VIEWER, MerchantRole.FINANCE, MerchantRole.DEVELOPER])
def test_who_may_not_write_reads_and_is_told_why(shop, payment, role):
    write(payment, "We ask the bank")
    client = signed_in(make_person(merchant=shop, role=role))
    html = client.get(page_of(payment)).content.decode()
    assert shown(html) == ["We ask the bank"]
    assert "Your role reads notes and does not write them." in html
    assert 'id="note-form"' not in html
    assert send(client, payment).status_code == 403
    assert Note.objects.count() == 1


def test_notes_go_to_ones_own_payments_only(client, shop, payment):
    theirs, live = pay(make_connection(make_merchant("globex"))), pay(make_connection(shop, livemode=True))
    for other in (theirs, live):
        url = address(shop, f"transactions/{other.public_id}/notes/")
        assert client.post(url, {"text": "x", "form_key": str(uuid.uuid4())}).status_code == 404
    assert send(client, theirs).status_code == 404
    assert not Note.objects.exists()


def test_the_way_back_and_the_whole_thread_survive_a_note(client, payment):
    back = f"back={address(payment.merchant)}%3Fstatus%3Dsucceeded"
    html = client.get(page_of(payment, f"?{back}&notes=all")).content.decode()
    action = re.search(r'<form id="note-form"[^>]* action="([^"]+)"', html)[1].replace("&amp;", "&")
    answer = client.post(action, {"text": "x", "form_key": str(uuid.uuid4())})
    assert answer["Location"] == f"{page_of(payment)}?{back}&notes=all#notes"
    # Whoever signs in again on the way from a form that was refused lands on the page.
    assert client.get(action)["Location"] == answer["Location"]


def test_a_lost_session_leads_to_sign_in_and_back_to_the_page(client, payment):
    client.logout()
    fragment = send(client, payment, headers={**HTMX, "HX-Current-URL": f"http://testserver{page_of(payment)}"})
    assert (fragment.status_code, fragment.content) == (401, b"")
    assert fragment["HX-Redirect"].endswith(f"?next={page_of(payment).replace('/', '%2F')}")
    plain = send(client, payment, headers={"Referer": f"http://testserver{page_of(payment)}"})
    assert plain["Location"] == fragment["HX-Redirect"]
    assert not Note.objects.exists()


def test_a_long_thread_shows_its_end_and_all_of_it_when_asked(client, payment):
    for number in range(SHOWN + 3):
        write(payment, f"note {number}")
    html = client.get(page_of(payment)).content.decode()
    assert shown(html) == [f"note {number}" for number in range(3, SHOWN + 3)]
    assert "Show 3 earlier notes" in html
    assert len(shown(client.get(page_of(payment, "?notes=all")).content.decode())) == SHOWN + 3


@pytest.mark.parametrize("url", ["", "?notes=all", "_/notes/"])
def test_a_hundred_notes_cost_as_many_queries_as_one(client, payment, url):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            swap(client, page_of(payment, url), "note-thread" if "_" in url else "")
        return len(captured)

    write(payment, "first")
    queries()
    counts = {queries()}
    for total in (3, 100):
        for number in range(Note.objects.count(), total):
            write(payment, f"note {number}")
        counts.add(queries())
    assert len(counts) == 1


def test_whose_role_masks_people_reads_no_address_in_a_note(shop):
    payment = pay(make_connection(shop, livemode=True))
    write(payment, "Wrote to lena@vogt.example today")
    developer = signed_in(make_person(merchant=shop, role=MerchantRole.DEVELOPER))
    assert shown(developer.get(page_of(payment)).content.decode()) == ["Wrote to •••• redacted today"]
