"""Tags and notes for several payments of the list at once."""

import re
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing import clock
from billing.access.roles import MerchantRole, StaffRole
from billing.audit.models import AuditEvent
from billing.notes.models import Note
from billing.tags.queries import tags_on
from portal.merchant.bulk.listing import MOST
from tests.billing.deliveries import make_connection
from tests.portal.fragments import element, has_element, hidden_fields, swap, swapped_out_of_band
from tests.portal.payments import address, write_payments
from tests.portal.people import make_merchant, make_person, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(shop):
    return signed_in(make_person(merchant=shop, role=MerchantRole.SUPPORT))


@pytest.fixture
def payments(account):
    now = clock.now()
    rows = [{"created_at": now - timedelta(minutes=number + 1), "reference": f"AO-{number}"} for number in range(4)]
    rows[3]["status"] = "failed"
    return [payment.public_id for payment in write_payments(account, rows)]


def bulk(shop, query="", mode="test"):
    return address(shop, f"transactions/bulk/?{query}", mode)


def send(client, shop, *rows, query="", key=None, mode="test", **fields):
    values = {"do": "tag", "change": "add", "word": "vip", "form_key": key or str(uuid.uuid4()), **fields}
    return client.post(bulk(shop, query, mode), {"row": rows, **values})


def tagged(*payments):
    return sorted(tags_on(payments))


def test_rows_have_boxes_and_the_bar_says_what_is_done_with_them(client, shop, payments):
    page = client.get(address(shop)).content.decode()
    boxes = re.findall(r'<input type="checkbox" class="form-check-input" name="row" value="(pay_\w+)" form="sel', page)
    assert boxes == payments
    assert 'aria-label="Select AO-0"' in page
    bar = str(element(page, "selection"))
    assert f'action="{address(shop)}bulk/"' in bar
    assert "Select all" not in bar


@pytest.mark.parametrize("role", [MerchantRole.VIEWER, MerchantRole.FINANCE, MerchantRole.DEVELOPER])
def test_who_may_not_write_has_no_boxes(shop, payments, role):
    client = signed_in(make_person(merchant=shop, role=role))
    page = client.get(address(shop)).content
    assert b'name="row"' not in page
    assert not has_element(page, "selection")
    assert client.get(bulk(shop)).status_code == 403
    answer = send(client, shop, *payments)
    assert answer.status_code == 403
    assert "write notes and tags" in answer.content.decode()


def test_staff_who_look_have_no_boxes(shop, payments):
    looking = signed_in(make_person(staff_role=StaffRole.AGENT))
    looking.post(f"/ops/merchants/{shop.slug}/visit/", {"reason": "Case 4711, a question"})
    assert b'name="row"' not in looking.get(address(shop)).content
    assert send(looking, shop, *payments).status_code == 403
    assert tagged(*payments) == []


def test_all_results_are_offered_where_there_are_more_than_rows(client, shop, account):
    write_payments(account, [{} for _ in range(26)])
    assert "Select all 26 results" in str(element(client.get(address(shop)).content, "selection"))
    write_payments(account, [{} for _ in range(MOST)])
    bar = str(element(client.get(address(shop)).content, "selection"))
    assert "Select all" not in bar
    assert "At most 1,000 payments can be changed at once" in bar


@pytest.mark.parametrize("query", ["", "?status=failed&size=50", "?last4=1"])
def test_a_swap_brings_the_bar_along(client, shop, payments, query):
    fresh = element(client.get(f"{address(shop)}{query}").content, "selection")
    swapped = swapped_out_of_band(swap(client, f"{address(shop)}{query}").content)["selection"]
    assert _timeless(swapped) == _timeless(fresh)


def test_ticked_rows_are_tagged_and_one_is_back_in_the_list(client, shop, payments):
    form = client.get(bulk(shop, f"status=succeeded&row={payments[0]}&row={payments[2]}&do=tag"))
    html = form.content.decode()
    assert "2 payments" in html
    assert "Apply to 2 payments" in html
    sent = {**hidden_fields(form.content), "row": payments[0:3:2], "change": "add", "word": " VIP "}
    answer = client.post(bulk(shop, "status=succeeded"), sent)
    assert answer["Location"] == f"{address(shop)}?status=succeeded"
    assert "2 payments tagged “vip”." in client.get(answer["Location"]).content.decode()
    assert tagged(*payments) == sorted([payments[0], payments[2]])


def test_it_is_said_who_had_the_tag_already(client, shop, payments):
    send(client, shop, payments[0])
    answer = send(client, shop, *payments)
    assert "3 payments tagged “vip”. 1 had the tag already." in client.get(answer["Location"]).content.decode()
    answer = send(client, shop, *payments, change="remove")
    assert "Tag “vip” removed from 4 payments." in client.get(answer["Location"]).content.decode()
    assert tagged(*payments) == []


def test_a_note_is_written_on_each(client, shop, payments):
    answer = send(client, shop, *payments[:2], do="note", text="Two pegs bent.")
    assert "Note added to 2 payments." in client.get(answer["Location"]).content.decode()
    notes = Note.objects.order_by("pk")
    assert [(note.subject_id, note.audience) for note in notes] == [
        (payment, "merchant_and_staff") for payment in payments[:2]
    ]


def test_a_double_click_acts_once_and_says_the_same(client, shop, payments):
    key, other = str(uuid.uuid4()), str(uuid.uuid4())
    for _ in range(2):
        answer = send(client, shop, *payments, key=key)
        assert "4 payments tagged" in client.get(answer["Location"]).content.decode()
        send(client, shop, *payments, do="note", text="once", key=other)
    assert AuditEvent.objects.filter(action="tag.added").count() == 1
    assert Note.objects.count() == 4


def test_a_form_that_somebody_went_back_to_says_what_became_of_it(client, shop, payments):
    key = str(uuid.uuid4())
    send(client, shop, *payments, key=key)
    for change in ({"word": "late"}, {"rows": payments[:1]}):
        rows = change.pop("rows", payments)
        answer = send(client, shop, *rows, key=key, **change)
        assert answer.status_code == 409
        assert "sent before with other words" in answer.content.decode()
        assert hidden_fields(answer.content)["form_key"] != key
    assert tags_on(payments) == {payment: ["vip"] for payment in payments}


def test_all_results_are_reviewed_before_anything_is_done(client, shop, payments):
    form = client.get(bulk(shop, "status=succeeded&all=1&do=tag"))
    html = form.content.decode()
    assert "all results of Status Succeeded" in html
    assert "as of" in html
    seen = hidden_fields(form.content)["seen"]
    review = send(client, shop, query="status=succeeded", all="1", seen=seen)
    html = review.content.decode()
    assert review.status_code == 200
    assert "Add the tag “vip” to 3 payments" in html
    assert "looked up once more when you confirm" in html
    assert tagged(*payments) == []
    fields = hidden_fields(review.content)
    assert (fields["all"], fields["seen"], fields["confirmed"]) == ("1", seen, "yes")
    back = client.post(bulk(shop, "status=succeeded"), fields)
    assert "3 payments tagged" in client.get(back["Location"]).content.decode()
    assert tagged(*payments) == sorted(payments[:3])


def test_one_goes_back_from_the_review_with_everything_filled_in(client, shop, payments):
    again = client.post(
        bulk(shop), {"all": "1", "do": "note", "text": "Two pegs bent.", "again": "yes", "form_key": "x"}
    )
    assert again.status_code == 200
    assert "Two pegs bent.</textarea>" in again.content.decode()
    assert not Note.objects.exists()


def test_all_results_are_those_of_the_moment_that_was_seen(client, shop, account, payments):
    seen = clock.now()
    later = write_payments(account, [{"created_at": seen + timedelta(milliseconds=1)}])[0].public_id
    send(client, shop, all="1", seen=seen.isoformat(), confirmed="yes")
    assert tagged(*payments, later) == sorted(payments)


@pytest.mark.parametrize("seen", ["", "x", "2026-13-01T00:00:00+00:00", "2000-01-01T00:00:00+00:00", "2026-01-01"])
def test_a_moment_that_nobody_saw_is_now(client, shop, payments, seen):
    send(client, shop, all="1", seen=seen, confirmed="yes")
    assert tagged(*payments) == sorted(payments)


def test_a_filter_that_finds_the_tag_itself_is_no_trap(client, shop, payments):
    send(client, shop, *payments)
    everything = {"query": "tag=vip", "all": "1", "seen": clock.now().isoformat(), "confirmed": "yes"}
    key = str(uuid.uuid4())
    for _ in range(2):
        answer = send(client, shop, **everything, change="remove", key=key)
        # The second copy finds nothing any more, and is told what the first one did.
        assert "Tag “vip” removed from 4 payments." in client.get(answer["Location"]).content.decode()
    assert tagged(*payments) == []
    assert AuditEvent.objects.filter(action="tag.removed").count() == 1


def test_too_many_are_refused_with_a_sentence(client, shop, account):
    write_payments(account, [{} for _ in range(MOST + 1)])
    for answer in (client.get(bulk(shop, "all=1")), send(client, shop, all="1", confirmed="yes")):
        html = answer.content.decode()
        assert "At most 1,000 payments can be changed at once. Nothing has been changed" in html
        assert "<textarea" not in html
    assert not AuditEvent.objects.filter(action="tag.added").exists()


def test_as_many_as_one_may_are_done_in_few_statements(client, shop, account):
    ids = [payment.public_id for payment in write_payments(account, [{} for _ in range(MOST)])]
    with CaptureQueriesContext(connection) as captured:
        send(client, shop, all="1", confirmed="yes", do="note", text="Two pegs bent.")
    assert Note.objects.count() == MOST
    with CaptureQueriesContext(connection) as with_one:
        send(client, shop, ids[0], do="note", text="Two pegs bent.")
    assert len(captured) <= len(with_one) + 1


def test_what_belongs_to_others_is_never_touched(client, shop, payments):
    other = make_connection(make_merchant("globex"))
    live = make_connection(shop, livemode=True)
    theirs, mine_live = (write_payments(account, [{}])[0].public_id for account in (other, live))
    answer = send(client, shop, payments[0], theirs, mine_live)
    assert "1 payment tagged" in client.get(answer["Location"]).content.decode()
    assert tagged(*payments, theirs, mine_live) == [payments[0]]
    assert send(client, shop, theirs).status_code == 422
    assert client.get(bulk(other.merchant)).status_code == 404
    send(client, shop, all="1", confirmed="yes")
    assert tagged(theirs, mine_live) == []


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"word": "two words"}, "A tag is one word of at most 30"),
        ({"word": ""}, "Enter a tag."),
        ({"change": "burn"}, "Select a valid choice"),
        ({"do": "note", "text": " "}, "Write something before"),
        ({"form_key": "x"}, "came without its key"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_done(client, shop, payments, fields, words):
    answer = client.post(
        bulk(shop),
        {"row": payments, "do": "tag", "change": "add", "word": "vip", "form_key": str(uuid.uuid4()), **fields},
    )
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "<title>Error:" in html
    assert words in html
    assert tagged(*payments) == []


@pytest.mark.parametrize("row", ["\x00", "pay_\x00", "pay_" + "x" * 5_000, "' OR true --"])
def test_ids_of_nothing_choose_nothing(client, shop, payments, row):
    assert "No payment is selected" in client.get(address(shop, "transactions/bulk/"), {"row": row}).content.decode()
    assert send(client, shop, row).status_code == 422


def test_wrong_filters_choose_nothing(client, shop, payments):
    answer = send(client, shop, query="last4=12", all="1", confirmed="yes")
    assert answer.status_code == 422
    assert tagged(*payments) == []


def test_a_card_number_is_no_tag_and_no_note(client, shop, payments):
    assert send(client, shop, *payments, word="4242424242424242").status_code == 400
    assert send(client, shop, *payments, do="note", text="4242 4242 4242 4242").status_code == 400


def test_tags_are_filtered_by_and_shown_in_a_column(client, shop, payments):
    send(client, shop, payments[1], payments[2])
    send(client, shop, payments[1], word="expedition")
    page = client.get(f"{address(shop)}?tag=%23VIP&columns=tags").content.decode()
    assert re.findall(r'<tr data-row="(pay_\w+)"', page) == payments[1:3]
    assert '<span class="cf-tag"><bdi>expedition</bdi></span> <span class="cf-tag"><bdi>vip</bdi></span>' in page
    assert "Tag</span> <b>#VIP</b>" in page
    wrong = client.get(f"{address(shop)}?tag=two+words")
    assert "A tag is one word" in wrong.content.decode()


def _timeless(form):
    return re.sub(r'value="20[^"]*"', "", str(form))
