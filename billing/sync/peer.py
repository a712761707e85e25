"""The processor's side of one account, for runs that read it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from billing import clock
from billing.mirror import registry
from billing.providers.base import (
    Access,
    AccessRefused,
    Adapter,
    Holdings,
    Kind,
    ListedEvent,
    ProviderDeclined,
    UnreadableObject,
    Window,
)
from billing.providers.events import NeutralEvent
from billing.providers.models import ProviderAccount
from billing.providers.registry import access_of, adapter
from billing.webhooks.asked import inbound_of, read_object
from billing.webhooks.handlers import Inbound, Source

_CURSORS = ("starting_after", "ending_before")
_MISSING = "resource_missing"
# The status of a refusal that is about the key itself and not about what it may read.
NO_VALID_KEY = 401


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a list was left: at which object, created when (seconds since 1970). Empty: at its beginning."""

    after: str = ""
    created: int = 0

    @classmethod
    def of(cls, stored: Mapping[str, Any] | None) -> Self:
        return cls(**stored) if stored else cls()

    def stored(self) -> dict[str, Any]:
        return {"after": self.after, "created": self.created}


@dataclass(frozen=True, slots=True)
class Leaf:
    """A page of a list of objects or events; ``following`` is None on the last one. ``unreadable`` are ids of events
    that are no events in any form that is known here."""

    sources: Sequence[Mapping[str, Any]]
    events: Sequence[ListedEvent]
    observed_at: datetime
    following: Spot | None
    unreadable: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Fetched:
    """One object as the processor has it now. Without ``inbound`` it is gone, or ``problem`` tells why."""

    inbound: Inbound | None = None
    problem: str = ""


class Peer:
    def __init__(self, account: ProviderAccount) -> None:
        self.account = account
        self._adapter: Adapter = adapter(account.provider)
        self._access: Access = access_of(account)

    def read(self, source: Mapping[str, Any]) -> NeutralEvent:
        """Raises UnreadableObject."""
        return read_object(self.account, source)

    def translate(self, payload: Mapping[str, Any]) -> NeutralEvent | None:
        """As Adapter.translate."""
        return self._adapter.translate(payload)

    def describe(self) -> NeutralEvent:
        return self._adapter.describe(self._access)

    def balance(self) -> Holdings:
        """Raises UnreadableObject."""
        return self._adapter.balance(self._access)

    def now(self) -> datetime:
        """The processor's time; ours where the key may not even read charges."""
        try:
            return self._adapter.list_page(self._access, Kind.CHARGE, Window(limit=1)).observed_at
        except AccessRefused as refusal:
            if refusal.status == NO_VALID_KEY:
                raise
            return clock.now()

    def inbound(self, number: int, kind: Kind, event: NeutralEvent, at: datetime, *, source: Source) -> Inbound:
        """Of an object in a list."""
        return inbound_of(self.account, event, number=number, told=f"{kind}.listed", at=at, source=source)

    def list_objects(self, kind: Kind, spot: Spot, *, since: datetime | None = None, of: str = "") -> Leaf:
        """Newest first, from the spot on."""
        window = Window(after=spot.after, since=since)
        # Payment methods cannot be narrowed by time: where their cursor is gone the list begins anew.
        again = Window(since=since, until=None if kind is Kind.PAYMENT_METHOD else _moment(spot))
        page = self._forgiving(window, again, lambda part: self._adapter.list_page(self._access, kind, part, of=of))
        return _leaf(page.sources, page)

    def list_of(self, parent_id: str, kind: Kind, spot: Spot) -> Leaf:
        """The same of one parent; an empty page where the processor has deleted it."""
        try:
            return self.list_objects(kind, spot, of=parent_id)
        except ProviderDeclined as declined:
            if declined.code != _MISSING:
                raise
            return Leaf((), (), self.now(), None)

    def list_newer(self, kind: Kind, spot: Spot) -> Leaf:
        """Oldest first, what came after the spot."""
        again = Window(since=_moment(spot))
        page = self._forgiving(
            Window(before=spot.after), again, lambda part: self._adapter.list_page(self._access, kind, part)
        )
        return _leaf(page.sources, page)

    def list_between(self, kind: Kind, since: datetime, until: datetime, spot: Spot) -> Leaf:
        page = self._adapter.list_page(self._access, kind, Window(after=spot.after, since=since, until=until))
        return _leaf(page.sources, page)

    def list_events(self, spot: Spot, *, since: datetime, undelivered_only: bool = False) -> Leaf:
        def ask(part: Window) -> Any:
            return self._adapter.list_events(self._access, part, undelivered_only=undelivered_only)

        page = self._forgiving(Window(after=spot.after, since=since), Window(since=since, until=_moment(spot)), ask)
        # An event that cannot be read tells no time; the page's oldest readable one, or where it began, then must do.
        created = int(page.events[-1].callback.occurred_at.timestamp()) if page.events else spot.created
        following = Spot(page.last, created) if page.has_more and page.last else None
        return Leaf((), page.events, page.observed_at, following, page.unreadable)

    def fetch_as_leaf(self, kind: Kind, object_id: str) -> Leaf | None:
        answer = self._adapter.fetch(self._access, kind, object_id)
        return Leaf([answer.source], (), answer.observed_at, None) if answer.source is not None else None

    def fetch(self, number: int, kind: Kind, object_id: str, *, source: Source) -> Fetched:
        """The object as it is now, to be shown in place of what is here."""
        covers = registry.of(kind).key_of(self.account.pk, object_id)
        try:
            answer = self._adapter.fetch(self._access, kind, object_id)
            if answer.source is None:
                return Fetched()
            event = self.read(answer.source)
        except ProviderDeclined as refusal:
            if refusal.status == NO_VALID_KEY:
                raise
            return Fetched(problem=str(refusal))
        except UnreadableObject as unreadable:
            return Fetched(problem=str(unreadable))
        told, at = f"{kind}.fetched", answer.observed_at
        return Fetched(inbound_of(self.account, event, number=number, told=told, at=at, source=source, covers=covers))

    def _forgiving(self, window: Window, again: Window, ask: Callable[[Window], Any]) -> Any:
        """The object at which a list was left may be gone; its time then says where to go on."""
        try:
            return ask(window)
        except ProviderDeclined as declined:
            named = window.after or window.before
            if not named or not (declined.param in _CURSORS or declined.code == _MISSING):
                raise
            return ask(again)


def _leaf(sources: Sequence[Mapping[str, Any]], page: Any) -> Leaf:
    following = None
    if page.has_more and sources:
        following = Spot(str(sources[-1].get("id")), int(sources[-1].get("created") or 0))
    return Leaf(sources, (), page.observed_at, following)


def _moment(spot: Spot) -> datetime | None:
    return datetime.fromtimestamp(spot.created, UTC) if spot.created else None
