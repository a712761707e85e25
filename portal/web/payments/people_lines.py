"""What people did around a payment, as lines of its timeline."""

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext

from billing.customers.reveal import Viewer
from portal.web.notes import NoteRow
from portal.web.payments.timeline import Kind, Line, weave


def with_people(lines: Sequence[Line], notes: Iterable[NoteRow], viewers: Iterable[Viewer]) -> list[Line]:
    """Newest first."""
    return weave(lines, [*map(_note, notes), *map(_view, viewers)])


def _note(row: NoteRow) -> Line:
    what = gettext("Note added, for staff only") if row.for_staff_only else gettext("Note added")
    return Line("neutral", "note", what, row.at, row.note.author_label, quote=row.quote, kind=Kind.PEOPLE)


def _view(viewer: Viewer) -> Line:
    what = gettext("Personal data shown")
    if viewer.times > 1:
        what = gettext("Personal data shown again, %(n)d times in all") % {"n": viewer.times}
    return Line("neutral", "eye", what, viewer.last_at, viewer.label, kind=Kind.PEOPLE)
