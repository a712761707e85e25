"""Reading notes, by who reads."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Window

from billing.compiled import Compiled
from billing.merchants.models import Merchant
from billing.notes.models import Audience, Note, NoteQuerySet, Subject, SubjectKind

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


def read_thread(merchant: Merchant, livemode: bool, subject: Subject, *, for_staff: bool, whole: bool) -> Thread:
    """The last SHOWN of notes_on(), or the last MOST of them. One query."""
    shape = {"livemode": livemode, "for_staff": for_staff, "limit": MOST if whole else SHOWN}
    newest = _NEWEST(merchant.pk, subject.public_id, kind=subject.kind, **shape)
    return Thread(newest[::-1], newest[0].in_all if newest else 0)


def _newest(
    merchant: int, public_id: str, *, kind: SubjectKind, livemode: bool, for_staff: bool, limit: int
) -> NoteQuerySet:
    notes = notes_on(merchant, livemode, Subject(kind, public_id), for_staff=for_staff)
    return notes.annotate(in_all=Window(Count("*")))[:limit]


_NEWEST: Compiled[Any] = Compiled(_newest)
