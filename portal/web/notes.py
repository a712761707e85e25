"""The panel of notes on the page of a payment or a customer: the thread, and the form below it.

Templates render it with components/notes.html, whatever it stands on.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.audit.actor import Actor
from billing.idempotency.guard import KeyReused
from billing.merchants.models import Merchant
from billing.notes.add import add_note, tidy
from billing.notes.models import LONGEST, Audience, Note, Subject
from billing.notes.queries import read_thread
from portal.web.context import initials
from reports.templatetags.money import number

# ``?notes=all`` shows those before the newest, too.
PARAMETER, WHOLE = "notes", "all"
_QUOTED = 80
NOTHING_WRITTEN = _("Write something before you add the note.")


class NoteForm(forms.Form):
    """``form_key`` is the form's own: however often it is sent, it writes one note."""

    text = forms.CharField(
        label=_("Write a note"),
        strip=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": NOTHING_WRITTEN},
    )
    audience = forms.ChoiceField(
        label=_("Who can read it"),
        choices=Audience.choices,
        initial=Audience.STAFF,
        widget=forms.Select(attrs={"class": "cf-note-audience"}),
    )
    form_key = forms.CharField(required=False, widget=forms.HiddenInput)

    data: QueryDict

    def __init__(self, data: QueryDict | None = None, *, for_staff: bool) -> None:
        super().__init__(data, auto_id="note-%s", initial={"form_key": str(uuid4())})
        self.conflict = False
        if not for_staff:
            del self.fields["audience"]

    def focus(self) -> None:
        """Scripts put the keyboard here once the form is on the page."""
        self.fields["text"].widget.attrs["data-focus"] = True

    def clean_text(self) -> str:
        return clean_note(self.cleaned_data["text"])

    def clean(self) -> dict[str, Any]:
        try:
            UUID(self.cleaned_data.get("form_key") or "")
        except ValueError:
            self._renew(gettext("The form came without its key, so nothing was written. Send it again."))
        return self.cleaned_data

    def write(self, *, merchant: Merchant, livemode: bool, subject: Subject, by: Actor) -> Note | None:
        """The note that a valid form asks for. None, and an error on the form, when its key wrote other words before:
        somebody went back to a form that had been sent."""
        try:
            return add_note(
                merchant=merchant,
                livemode=livemode,
                subject=subject,
                text=self.cleaned_data["text"],
                audience=Audience(self.cleaned_data.get("audience", Audience.MERCHANT_AND_STAFF)),
                form_key=self.cleaned_data["form_key"],
                by=by,
            )
        except KeyReused:
            self.conflict = True
            self._renew(
                gettext(
                    "This form was sent before with other words, and they were kept. Send it again to add these, too."
                )
            )
            return None

    def _renew(self, error: str) -> None:
        self.add_error(None, error)
        data = self.data.copy()
        data["form_key"] = str(uuid4())
        self.data = data


def clean_note(typed: str) -> str:
    """The text of a note. Raises ValidationError."""
    text = tidy(typed)
    if not text:
        raise forms.ValidationError(NOTHING_WRITTEN)
    if len(text) > LONGEST:
        over = len(text) - LONGEST
        raise forms.ValidationError(
            gettext("A note has at most %(most)s characters: take out %(n)s."),
            params={"most": number(LONGEST), "n": number(over)},
        )
    return text


@dataclass(frozen=True, slots=True)
class NoteRow:
    """A note as it is shown: ``text`` without what the reader may not see."""

    note: Note
    text: str

    @property
    def initials(self) -> str:
        return initials(self.note.author_label)

    @property
    def by_staff(self) -> bool:
        return self.note.author_kind == "staff"

    @property
    def for_staff_only(self) -> bool:
        return self.note.audience == Audience.STAFF

    @property
    def at(self) -> datetime:
        return self.note.created_at

    @property
    def quote(self) -> str:
        """How it begins, on one line."""
        words = " ".join(self.text.split())
        return words if len(words) <= _QUOTED else f"{words[:_QUOTED].rstrip()}…"


@dataclass(frozen=True, slots=True)
class Thread:
    """Oldest first, with how many there are in all."""

    rows: Sequence[NoteRow]
    count: int

    @property
    def earlier(self) -> int:
        return self.count - len(self.rows)


@dataclass(frozen=True, slots=True)
class NotesPanel:
    """``topic`` is what a live page listens to, ``triggers`` is when it asks ``thread_url`` for the thread anew, and
    ``post_url`` takes the form. Without ``form``, ``refusal`` says why."""

    thread: Thread
    topic: str
    triggers: str
    thread_url: str
    whole_url: str
    post_url: str
    form: NoteForm | None
    refusal: str | Promise


def load_thread(
    merchant: Merchant,
    livemode: bool,
    subject: Subject,
    *,
    for_staff: bool,
    whole: bool,
    shown: Callable[[str], str],
) -> Thread:
    """``shown`` takes out of a text what the reader may not see."""
    thread = read_thread(merchant, livemode, subject, for_staff=for_staff, whole=whole)
    return Thread([NoteRow(note, shown(note.text)) for note in thread.notes], thread.count)
