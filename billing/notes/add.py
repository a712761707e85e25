"""Writes a note."""

from django.db import transaction

from billing.audit.actor import Actor
from billing.audit.record import record
from billing.idempotency.guard import once
from billing.merchants.models import Merchant
from billing.notes.models import LONGEST, Audience, Note, Subject
from billing.outbox.publish import Fact, publish


class NoteEmpty(ValueError):
    """Nothing but white space."""


class NoteTooLong(ValueError):
    """More than LONGEST characters."""


class NoteNotTheirs(ValueError):
    """Only staff write for staff alone: what others write is for both sides."""


def add_note(
    *, merchant: Merchant, livemode: bool, subject: Subject, text: str, audience: Audience, form_key: str, by: Actor
) -> Note:
    """The note, written once however often a form with this key is sent. The caller has found the subject among the
    merchant's own; the text is kept as it was typed, save for white space round it. Raises NoteEmpty, NoteTooLong,
    NoteNotTheirs, KeyReused when the key came with other words, KeyMalformed."""
    text = tidy(text)
    refuse(text=text, audience=audience, by=by)
    note = draft(merchant=merchant, livemode=livemode, subject=subject, text=text, audience=audience, by=by)

    def write() -> str:
        note.save(force_insert=True)
        _tell(note, by)
        return note.public_id

    sent = {"action": "note.add", "subject": subject.public_id, "text": text, "audience": audience, "author": by.id}
    with transaction.atomic():
        answer = once(merchant_id=merchant.pk, key=f"note {form_key}", request=sent, work=write)
    return Note.objects.for_merchant(merchant, livemode).get(public_id=answer.response) if answer.repeated else note


def tidy(text: str) -> str:
    """Lines end as they do here, whatever a browser sent, and nothing stands round the words."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def draft(*, merchant: Merchant, livemode: bool, subject: Subject, text: str, audience: Audience, by: Actor) -> Note:
    """A note that is not stored yet; its text has passed refuse()."""
    return Note(
        merchant=merchant,
        livemode=livemode,
        subject_kind=subject.kind,
        subject_id=subject.public_id,
        audience=audience,
        text=text,
        author_kind=by.kind,
        author_id=by.id,
        author_label=by.label,
    )


def fact_of(note: Note) -> Fact:
    return Fact("note.added", note.merchant_id, note.livemode, note.public_id, told(note))


def told(note: Note) -> dict[str, str]:
    """What the outbox and the trail say of a note: its words stay out of both."""
    return {note.subject_kind: note.subject_id, "audience": note.audience}


def refuse(*, text: str, audience: Audience, by: Actor) -> None:
    """Raises NoteEmpty, NoteTooLong, NoteNotTheirs; ``text`` is tidy."""
    if not text:
        raise NoteEmpty("A note says something.")
    if len(text) > LONGEST:
        raise NoteTooLong(f"A note has at most {LONGEST:,} characters.")
    if audience == Audience.STAFF and by.kind != "staff":
        raise NoteNotTheirs("Only staff can write for staff alone.")


def _tell(note: Note, by: Actor) -> None:
    publish([fact_of(note)])
    # Nothing is ever taken from the trail.
    record(
        merchant_id=note.merchant_id,
        actor=by,
        action="note.added",
        object_type="note",
        object_id=note.public_id,
        after=told(note),
    )
