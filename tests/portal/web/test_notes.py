"""The panel of notes as staff get it, whatever page it stands on."""

import uuid

import pytest
from django.http import QueryDict
from django.template.loader import render_to_string

from billing.audit.actor import Actor
from billing.notes.models import Audience, Note, Subject, SubjectKind
from portal.web.notes import NoteForm, NotesPanel, load_thread
from tests.billing.factories import make_merchant

AGENT = Actor("staff", "usr_agent", "Sam Staff")
CUSTOMER = Subject(SubjectKind.CUSTOMER, "cst_1")


def panel(merchant, form=None):
    thread = load_thread(merchant, True, CUSTOMER, for_staff=True, whole=False, shown=str)
    urls = {"thread_url": "/t/", "whole_url": "/w/", "post_url": "/p/"}
    notes = NotesPanel(
        thread, topic="cst:cst_1", triggers="live", form=form or NoteForm(for_staff=True), refusal="", **urls
    )
    return render_to_string("components/notes.html", {"notes": notes, "csrf_token": "t", "zone": "UTC"})


def sent(**fields):
    data = QueryDict(mutable=True)
    data.update({"text": "Hello", "form_key": str(uuid.uuid4()), **fields})
    return data


def test_staff_choose_who_reads_and_staff_alone_is_chosen_until_then():
    form = NoteForm(for_staff=True)
    assert form["audience"].value() == Audience.STAFF
    assert [value for value, _label in form.fields["audience"].choices] == ["staff", "merchant_and_staff"]
    assert not NoteForm(sent(), for_staff=True).is_valid()


@pytest.mark.django_db
@pytest.mark.parametrize("audience", Audience)
def test_a_note_by_staff_says_for_whom_it_is(audience):
    merchant = make_merchant()
    form = NoteForm(sent(audience=audience), for_staff=True)
    assert form.is_valid()
    assert form.write(merchant=merchant, livemode=True, subject=CUSTOMER, by=AGENT) == Note.objects.get()
    html = panel(merchant)
    assert str(audience.label) in html[html.index("cf-notes") : html.index("cf-note-text")]
    assert "Sam Staff" in html
    assert ">Staff<" in html


@pytest.mark.django_db
def test_a_note_that_lacks_its_audience_is_not_for_everybody_by_accident():
    form = NoteForm(sent(audience="everybody"), for_staff=True)
    assert not form.is_valid()
    html = panel(make_merchant(), form)
    assert 'href="#note-audience"' in html
    assert "data-unsent" in html
