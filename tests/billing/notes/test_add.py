"""Writing notes, and who reads them."""

import uuid
from functools import partial

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from billing.audit.actor import Actor
from billing.audit.models import AuditEvent
from billing.idempotency.guard import KeyReused
from billing.notes import queries
from billing.notes.add import NoteEmpty, NoteNotTheirs, NoteTooLong, add_note
from billing.notes.models import LONGEST, Audience, Note, Subject, SubjectKind
from billing.notes.queries import Thread, notes_on, read_thread
from billing.outbox.models import OutboxEvent
from billing.tags.change import add_tag
from billing.tags.queries import tags_on
from tests.billing.deliveries import charge, deliver_all, event, intent, make_connection
from tests.billing.factories import TESTER, make_merchant

pytestmark = pytest.mark.django_db
AGENT = Actor("staff", "usr_agent", "Sam Staff")
PAYMENT = Subject(SubjectKind.PAYMENT, "pay_1")


@pytest.fixture
def merchant():
    return make_merchant()


@pytest.fixture
def write(merchant):
    """A note with a key of its own."""

    def write_one(text="Two pegs bent.", **fields):
        values = {
            "merchant": merchant,
            "livemode": True,
            "subject": PAYMENT,
            "audience": Audience.MERCHANT_AND_STAFF,
            "form_key": str(uuid.uuid4()),
            "by": TESTER,
        }
        return add_note(text=text, **{**values, **fields})

    return write_one


def texts(notes):
    return [note.text for note in notes]


def test_a_note_says_who_wrote_what_for_whom(merchant, write):
    note = Note.objects.get(public_id=write("  Two pegs bent.\r\nShe keeps the tent.\n").public_id)
    assert note.text == "Two pegs bent.\nShe keeps the tent."
    assert (note.author_kind, note.author_id, note.author_label) == ("user", "7", "Tester")
    assert (note.merchant, note.livemode, note.audience) == (merchant, True, "merchant_and_staff")
    assert note.public_id.startswith("note_")


def test_the_trail_tells_of_it_and_keeps_its_words_to_itself(merchant, write):
    note = write("A word that nobody else knows")
    row = AuditEvent.objects.get(merchant_id=merchant.pk, action="note.added")
    assert (row.object_id, row.after) == (note.public_id, {"payment": "pay_1", "audience": "merchant_and_staff"})
    assert row.actor_label == "Tester"
    assert OutboxEvent.objects.filter(type="note.added", object_id=note.public_id, merchant_id=merchant.pk).exists()


def test_a_form_that_is_sent_twice_writes_one_note(merchant, write):
    first, again = write(form_key="k-1"), write(form_key="k-1")
    assert first == again
    assert Note.objects.count() == 1
    assert AuditEvent.objects.filter(action="note.added").count() == 1


def test_a_key_that_comes_with_other_words_writes_nothing(write):
    write("one", form_key="k-1")
    for other in ({"text": "two"}, {"subject": Subject(SubjectKind.PAYMENT, "pay_2")}, {"by": AGENT}):
        with pytest.raises(KeyReused):
            write(**{"text": "one", "form_key": "k-1", **other})
    assert Note.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"text": " \r\n "}, NoteEmpty),
        ({"text": "x" * (LONGEST + 1)}, NoteTooLong),
        ({"audience": Audience.STAFF}, NoteNotTheirs),
    ],
)
def test_what_is_refused_leaves_no_trace(write, fields, refusal):
    with pytest.raises(refusal):
        write(**fields)
    assert not Note.objects.exists()
    assert not OutboxEvent.objects.filter(type="note.added").exists()


def test_the_longest_note_fits_however_a_browser_ends_its_lines(write):
    assert len(write("x\r\n" * (LONGEST // 2 - 1) + "xx").text) == LONGEST


def test_the_database_refuses_a_note_of_a_merchants_person_for_staff_alone(write):
    for change in ({"audience": Audience.STAFF}, {"text": ""}, {"text": "x" * (LONGEST + 1)}, {"subject_kind": "moon"}):
        note = write()
        with pytest.raises(IntegrityError), transaction.atomic():
            Note.objects.filter(pk=note.pk).update(**change)


def test_merchants_read_what_is_for_them_and_staff_read_all(merchant, write):
    write("by staff for staff", by=AGENT, audience=Audience.STAFF)
    write("by staff for both", by=AGENT)
    write("by a merchant")
    read = partial(notes_on, merchant, True, PAYMENT)
    assert texts(read(for_staff=False)) == ["by a merchant", "by staff for both"]
    assert texts(read(for_staff=True)) == ["by a merchant", "by staff for both", "by staff for staff"]


def test_notes_stay_with_their_merchant_mode_and_subject(merchant, write):
    write("mine")
    write("test", livemode=False)
    write("customer", subject=Subject(SubjectKind.CUSTOMER, "pay_1"))
    write("other", subject=Subject(SubjectKind.PAYMENT, "pay_2"))
    write("theirs", merchant=make_merchant())
    assert texts(notes_on(merchant, True, PAYMENT, for_staff=True)) == ["mine"]
    assert texts(notes_on(merchant, False, PAYMENT, for_staff=True)) == ["test"]


def test_a_thread_shows_the_newest_and_counts_all_in_one_query(merchant, write):
    read = partial(read_thread, merchant, True, PAYMENT, for_staff=False)
    assert read(whole=False) == Thread([], 0)
    for number in range(queries.SHOWN + 2):
        write(str(number))
        with CaptureQueriesContext(connection) as captured:
            read(whole=False)
        assert len(captured) == 1
    write("by staff for staff", by=AGENT, audience=Audience.STAFF)
    thread = read(whole=False)
    assert texts(thread.notes) == [str(number) for number in range(2, queries.SHOWN + 2)]
    assert thread.count == queries.SHOWN + 2
    assert len(read(whole=True).notes) == thread.count


def test_notes_and_tags_follow_a_payment_that_goes_on_as_the_intent_of_its_charge(write):
    account = make_connection(make_merchant(), livemode=True)
    live = {"livemode": True}
    deliver_all(account, [event("charge.succeeded", charge(id="ch_1", payment_intent=None, **live), **live)])
    before = account.payments.get()
    write("Called her.", merchant=account.merchant, subject=Subject(SubjectKind.PAYMENT, before.public_id))
    add_tag(merchant=account.merchant, livemode=True, payments=[before.public_id], word="vip", by=TESTER)
    named = [
        event("payment_intent.created", intent(id="pi_1", **live), **live),
        event("charge.updated", charge(id="ch_1", payment_intent="pi_1", **live), **live),
    ]
    deliver_all(account, named)
    after = account.payments.get()
    assert after.public_id != before.public_id
    subject = Subject(SubjectKind.PAYMENT, after.public_id)
    assert texts(notes_on(account.merchant, True, subject, for_staff=False)) == ["Called her."]
    assert tags_on([before.public_id, after.public_id]) == {after.public_id: ["vip"]}
