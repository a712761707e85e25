"""What the pages of objects that are somebody's share: their addresses, who sees people there, notes."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.utils.functional import SimpleLazyObject

from billing.merchants.models import Merchant
from billing.notes.models import Subject, SubjectKind
from portal.web.json_text import redacted
from portal.web.notes import PARAMETER, WHOLE, NoteForm, NotesPanel, Thread, load_thread
from portal.web.people.face import Face, Sight
from portal.web.request import PersonRequest

# By this event all parts of an open page learn that people are shown. (htmx has another use for "revealed".)
REVEALED = "people-shown"


class PeoplePage(ABC):
    """Parts are worked out when a template asks for them, so that a region which refreshes by itself costs itself.

    ``row`` is what the page is about, a mirrored row with its merchant, and ``noun`` what templates call it. ``panels``
    are the templates of the parts that refresh by themselves, by name. ``form`` is a note that was refused.
    """

    kind: ClassVar[SubjectKind]
    noun: ClassVar[str]
    template: ClassVar[str]
    panels: ClassVar[Mapping[str, str]]

    def __init__(self, request: PersonRequest, face: Face, row: Any) -> None:
        self._request, self.face, self._row = request, face, row
        self.merchant: Merchant = row.merchant
        self.livemode: bool = row.livemode
        self.subject = Subject(self.kind, row.public_id)
        self.form: NoteForm | None = None

    @property
    @abstractmethod
    def title(self) -> str:
        """Of the window."""

    @property
    def context(self) -> dict[str, Any]:
        """For all templates of the page. Moments are shown in the merchant's zone, whoever reads."""
        zone = self.merchant.zone
        notes = SimpleLazyObject(lambda: self.notes)
        return {"page": self, self.noun: self._row, "notes": notes, "zone": zone, "zone_name": str(zone)}

    # --- Addresses: what the page shows stands in them ---
    @property
    def state(self) -> dict[str, str]:
        """What else than the way back and the notes is kept in the address; empty values are left out."""
        return {}

    @property
    def list_url(self) -> str:
        return self.face.list_url

    @property
    def events_url(self) -> str:
        return self.face.events_url

    @property
    def can_see_events(self) -> bool:
        return bool(self.events_url)

    @cached_property
    def url(self) -> str:
        return f"{self.list_url}{self.subject.public_id}/"

    @property
    def back(self) -> str:
        return self.face.back

    @property
    def back_url(self) -> str:
        return self.back or self.list_url

    @property
    def way_suffix(self) -> str:
        """For pages of other objects: the way back alone."""
        return f"?{urlencode({'back': self.back}, safe='/')}" if self.back else ""

    @cached_property
    def neighbours(self) -> tuple[str, str]:
        """The pages before and after this one in the results that the person came from; empty where there is none."""
        before, after = self.face.neighbours(self._row) if self.back else ("", "")
        suffix = f"/{self.way_suffix}"
        return f"{self.list_url}{before}{suffix}" if before else "", f"{self.list_url}{after}{suffix}" if after else ""

    @property
    def reveal_url(self) -> str:
        return f"{self.face.reveal_url}{self.suffix}"

    @cached_property
    def suffix(self) -> str:
        """What every address of this page's parts ends with, so that they know what the page shows."""
        return self._query()

    def _query(self, **more: str) -> str:
        kept = {"back": self.back, **self.state, PARAMETER: WHOLE if self.whole_thread else "", **more}
        query = urlencode({name: value for name, value in kept.items() if value}, safe="/")
        return f"?{query}" if query else ""

    # --- What its parts listen to ---
    @property
    def topic(self) -> str:
        public_id = self.subject.public_id
        return f"{public_id.partition('_')[0]}:{public_id}"

    @property
    def topics(self) -> str:
        """Of all that the page tells of."""
        return self.topic

    # --- Who sees whom ---
    @property
    def sight(self) -> Sight:
        return self.face.sight

    @cached_property
    def is_masked(self) -> bool:
        return self.sight.masked

    @cached_property
    def triggers(self) -> str:
        """When a part asks for itself anew: somebody had people shown, or what was shown for a while is over."""
        found = [f"{REVEALED} from:body"] if self.sight.changes else []
        if self.sight.seconds_left:
            found.append(f"load delay:{self.sight.seconds_left}s")
        return ", ".join(found)

    @property
    def live_triggers(self) -> str:
        return ", ".join(filter(None, ["live", self.triggers]))

    @property
    @abstractmethod
    def names(self) -> Sequence[str]:
        """Whose words are taken out of what is masked."""

    def shown(self, text: str) -> str:
        """As much of what somebody wrote as the reader may know."""
        return str(self._redacted(text))

    def _redacted(self, value: Any) -> Any:
        return redacted(value, personal=self.is_masked, names=self.names)

    # --- Notes ---
    @property
    def whole_thread(self) -> bool:
        return self._request.GET.get(PARAMETER) == WHOLE

    @cached_property
    def notes(self) -> NotesPanel:
        return NotesPanel(
            thread=self.thread,
            topic=self.topic,
            triggers=self.live_triggers,
            thread_url=f"{self.url}_/notes/{self.suffix}",
            whole_url=f"{self.url}{self._query(**{PARAMETER: WHOLE})}#notes",
            post_url=f"{self.face.note_url}{self.suffix}",
            form=(self.form or NoteForm(for_staff=self.face.for_staff)) if self.face.may_write_notes else None,
            refusal=self.face.refusals.notes,
        )

    @cached_property
    def thread(self) -> Thread:
        return load_thread(
            self.merchant,
            self.livemode,
            self.subject,
            for_staff=self.face.for_staff,
            whole=self.whole_thread,
            shown=self.shown,
        )
