"""Notes follow their subject when it goes on under another id."""

from billing.notes.models import Note, SubjectKind


def move_notes(*, merchant_id: int, kind: SubjectKind, old: str, new: str) -> None:
    """``old`` and ``new`` are public ids. Call inside the transaction that gives the old one up."""
    Note.objects.filter(merchant_id=merchant_id, subject_kind=kind, subject_id=old).update(subject_id=new)
