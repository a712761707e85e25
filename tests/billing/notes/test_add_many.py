"""The same note on many payments."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.audit.models import AuditEvent
from billing.notes.add import NoteEmpty, NoteNotTheirs, NoteTooLong
from billing.notes.add_many import add_notes
from billing.notes.models import LONGEST, Audience, Note, Subject, SubjectKind
from billing.outbox.models import OutboxEvent
from tests.billing.factories import TESTER, make_merchant

pytestmark = pytest.mark.django_db


@pytest.fixture
def merchant():
    return make_merchant()


@pytest.fixture
def write(merchant):
    def write_all(*ids, text="Two pegs bent.", audience=Audience.MERCHANT_AND_STAFF):
        subjects = [Subject(SubjectKind.PAYMENT, public_id) for public_id in ids]
        return add_notes(merchant=merchant, livemode=True, subjects=subjects, text=text, audience=audience, by=TESTER)

    return write_all


def test_each_subject_has_a_note_of_its_own(merchant, write):
    assert write("pay_1", "pay_2", text=" Two pegs bent.\r\n") == 2
    notes = Note.objects.for_merchant(merchant, True).order_by("subject_id")
    assert [(note.subject_id, note.text, note.author_label) for note in notes] == [
        (public_id, "Two pegs bent.", "Tester") for public_id in ("pay_1", "pay_2")
    ]
    assert len({note.public_id for note in notes}) == 2


def test_one_act_is_one_row_of_the_trail_and_each_page_is_told(merchant, write):
    write("pay_1", "pay_2", text="A word that nobody else knows")
    row = AuditEvent.objects.get(merchant_id=merchant.pk, action="notes.added")
    assert (row.after["count"], row.after["subjects"]) == (2, ["pay_1", "pay_2"])
    assert "nobody" not in str(row.after)
    told = OutboxEvent.objects.filter(type="note.added").order_by("pk")
    assert [event.payload["payment"] for event in told] == ["pay_1", "pay_2"]


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"text": " \r\n "}, NoteEmpty),
        ({"text": "x" * (LONGEST + 1)}, NoteTooLong),
        ({"audience": Audience.STAFF}, NoteNotTheirs),
    ],
)
def test_what_is_refused_is_written_nowhere(write, fields, refusal):
    with pytest.raises(refusal):
        write("pay_1", "pay_2", **fields)
    assert not Note.objects.exists()


def test_nothing_is_written_on_nothing(write):
    assert write() == 0
    assert not AuditEvent.objects.filter(action="notes.added").exists()


def test_a_thousand_cost_as_many_statements_as_one(write):
    counts = set()
    for many in (1, 1000):
        with CaptureQueriesContext(connection) as captured:
            assert write(*(f"pay_{many}_{number}" for number in range(many))) == many
        counts.add(len(captured))
    assert len(counts) == 1
