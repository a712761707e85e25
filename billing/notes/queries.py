"""Reading notes, by who reads."""

from dataclasses import dataclass

from billing.merchants.models import Merchant
from billing.notes.models import Audience, Note, NoteQuerySet, Subject

SHOWN, MOST = 20, 500


@dataclass(frozen=True, slots=True)
class Thread:
    """The newest notes on a subject, oldest first, and how many there are in all."""

    notes: list[Note]
    count: int


def notes_on(merchant: Merchant | int, livemode: bool, subject: Subject, *, for_staff: bool) -> NoteQuerySet:
    """Newest first. Without ``for_staff`` none that is for staff only."""
    found = Note.objects.for_merchant(merchant, livemode).filter(
        subject_kind=subject.kind, subject_id=subject.public_id
    )
    if not for_staff:
        found = found.filter(audience=Audience.MERCHANT_AND_STAFF)
    return found.order_by("-created_at", "-id")


def read_thread(notes: NoteQuerySet, *, whole: bool) -> Thread:
    """The last SHOWN of notes_on(), or the last MOST of them. Two queries."""
    newest = list(notes[: MOST if whole else SHOWN])
    return Thread(newest[::-1], notes.order_by().count())
