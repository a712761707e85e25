"""Writes the same note on many subjects."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from billing.audit.actor import Actor
from billing.audit.record import record
from billing.bulk import insert
from billing.merchants.models import Merchant
from billing.notes.add import draft, fact_of, refuse, tidy
from billing.notes.models import Audience, Subject
from billing.outbox.publish import publish


def add_notes(
    *, merchant: Merchant, livemode: bool, subjects: Sequence[Subject], text: str, audience: Audience, by: Actor
) -> int:
    """A note on each, on all or on none; how many there are. The caller has found the subjects among the merchant's
    own, and sees to it that a form that is sent twice comes here once. Raises NoteEmpty, NoteTooLong, NoteNotTheirs."""
    text = tidy(text)
    refuse(text=text, audience=audience, by=by)
    shared: dict[str, Any] = {"merchant": merchant, "livemode": livemode, "text": text, "audience": audience, "by": by}
    notes = [draft(**shared, subject=subject) for subject in subjects]
    if not notes:
        return 0
    with transaction.atomic():
        insert(notes, unique=("public_id",))
        publish(fact_of(note) for note in notes)
        record(
            merchant_id=merchant.pk,
            actor=by,
            action="notes.added",
            object_type="note",
            object_id=notes[0].public_id,
            after={
                "livemode": livemode,
                "audience": audience,
                "count": len(notes),
                "subjects": [subject.public_id for subject in subjects],
            },
        )
    return len(notes)
