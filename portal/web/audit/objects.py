"""What acts are about, and where that is shown."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from billing.audit.models import AuditEvent

Text = str | Promise

KINDS: Mapping[str, Text] = {
    "approval": _("Approval"),
    "audit_chain": _("Chain of the audit log"),
    "cancel": _("Cancellation"),
    "capture": _("Capture"),
    "connection": _("Connection"),
    "customer": _("Customer"),
    "key": _("Field key"),
    "limit": _("Limit"),
    "merchant": _("Merchant"),
    "note": _("Note"),
    "payment": _("Payment"),
    "person": _("Person"),
    "refund": _("Refund"),
    "tag": _("Tag"),
    "user": _("Person"),
    "view": _("Saved view"),
    "visit": _("Visit"),
    "webhook_event": _("Event"),
}
_MOST_NAMESAKES = 50
# What a note is about, by the name under which its row has it.
_SUBJECTS = ("payment", "customer")
# For each kind of object the addresses of those pages that the reader may open, by what the trail calls the object.
Finder = Callable[[Collection[str]], Mapping[str, str]]


@dataclass(frozen=True)
class Named:
    """What some rows of the trail are about, found for all of them at once. ``finders`` are the face's."""

    events: Iterable[AuditEvent]
    finders: Mapping[str, Finder]

    def url(self, event: AuditEvent) -> str:
        """The page of the object, empty where there is none for the reader."""
        kind, name = _place(event)
        return self._urls.get((kind, name), "")

    def text(self, event: AuditEvent) -> str:
        """A person's name where it is known, else what the trail calls the object."""
        if event.object_type == "user":
            return self.people.get(event.object_id, event.object_id)
        return event.object_id

    @cached_property
    def _urls(self) -> dict[tuple[str, str], str]:
        names: dict[str, set[str]] = {}
        for kind, name in map(_place, self.events):
            if name and kind in self.finders:
                names.setdefault(kind, set()).add(name)
        return {(kind, name): url for kind in names for name, url in self.finders[kind](names[kind]).items()}

    @cached_property
    def people(self) -> dict[str, str]:
        """Names of those who are the object, or a field of it, by what the trail calls them."""
        ids = {event.object_id for event in self.events if event.object_type == "user"}
        ids |= {str(event.after["person"]) for event in self.events if event.after and "person" in event.after}
        return names_of_people(ids) if ids else {}


def _place(event: AuditEvent) -> tuple[str, str]:
    if event.object_type == "note":
        told = event.after or {}
        return next(((kind, str(told[kind])) for kind in _SUBJECTS if kind in told), ("", ""))
    return event.object_type, event.object_id


def names_of_people(ids: Collection[str]) -> dict[str, str]:
    """Names by what the trail calls people: their public id, or the number of their row."""
    numbers = [int(each) for each in ids if each.isascii() and each.isdigit() and len(each) < 19]
    found: dict[str, str] = {}
    people: Any = get_user_model().objects.filter(Q(public_id__in=ids) | Q(pk__in=numbers))
    for person in people:
        found |= dict.fromkeys({person.public_id, str(person.pk)} & set(ids), person.label)
    return found


def people_called(text: str) -> list[str]:
    """Ids, as the trail has them, of everybody with that e-mail address or name, however it is capitalised."""
    people: Any = get_user_model().objects.filter(Q(email__iexact=text) | Q(name__iexact=text))
    return list(people.values_list("public_id", flat=True)[:_MOST_NAMESAKES])
