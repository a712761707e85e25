"""What a handler works with: one request, or one timer, on one account, inside one transaction."""

from dataclasses import dataclass, field, replace
from typing import Any

from simulator import ids, journal
from simulator.chance import Chance
from simulator.events import due
from simulator.events.emit import difference, emit
from simulator.kinds import KINDS, linked, spelt
from simulator.metadata import merged
from simulator.protocol import lists, search
from simulator.protocol.errors import missing
from simulator.protocol.multipart import Upload
from simulator.store import Doc, Store, read


@dataclass(slots=True)
class Call:
    """``account`` owns the data; ``params`` are typed, None in them unsets a field; ``now`` is virtual time."""

    store: Store
    chance: Chance
    now: int
    account: str
    platform: str
    params: dict[str, Any] = field(default_factory=dict)
    upload: Upload | None = None
    request_id: str | None = None
    idempotency_key: str | None = None
    # Its events are recorded, and sent to nobody.
    quiet: bool = False
    # What the journal will say.
    effect: list[Doc] = field(default_factory=list)

    def get(self, kind: str, name: str, *, param: str | None = None) -> Doc:
        """The object; 404 resource_missing without one, or 400 when ``param`` (not the path) named it.

        What was deleted is found as its stub: {id, object, deleted: true}.
        """
        doc = self.find(kind, name)
        if doc is None:
            raise missing(KINDS[kind].title, name, param or "id", status=400 if param else 404)
        return doc

    def live(self, kind: str, name: str, *, param: str | None = None) -> Doc:
        """Like ``get``; what was deleted is missing, too."""
        doc = self.get(kind, name, param=param)
        if doc.get("deleted"):
            raise missing(KINDS[kind].title, name, param or "id", status=400 if param else 404)
        return doc

    def find(self, kind: str, name: str) -> Doc | None:
        found = self.store.find(self.account, name)
        return found[1] if found and found[0] == kind else None

    def all(self, kind: str, **filters: Any) -> list[Doc]:
        """Every object that carries these values in the fields that its kind declares as links, newest first."""
        return self.store.select(self.account, kind, {name: spelt(value) for name, value in filters.items()})

    def new(self, kind: str, **fields: Any) -> Doc:
        """A fresh object from its kind's template; not stored before ``add``."""
        of = KINDS[kind]
        doc: Doc = {**read(of.template), "id": fields.pop("id", None) or ids.new_id(self.chance, of.prefix)}
        if "created" in doc:
            doc["created"] = self.now
        unknown = fields.keys() - doc.keys()
        if unknown:
            raise KeyError(f"{kind} has no {', '.join(sorted(unknown))}")
        return doc | fields

    def add(self, kind: str, doc: Doc, event: str | None = None) -> Doc:
        """Store a new object and tell of it."""
        written = self.store.insert(self.account, kind, doc, linked(kind, doc))
        return self._told(kind, doc, "created", event, None, written)

    def save(self, kind: str, doc: Doc, event: str | None = None) -> Doc:
        """Store a changed object. ``*.updated`` events say what the changed fields were before, and are sent only
        if any did change; the object's other events are sent always."""
        found = self.store.find(self.account, doc["id"])
        if found is None:
            raise LookupError(f"{doc['id']} was never added")
        old, written = found[1], None
        if old != doc:
            written = self.store.replace(self.account, kind, doc, linked(kind, old), linked(kind, doc))
        previous = difference(old, doc) if event and event.endswith("updated") else None
        return self._told(kind, doc, "changed", event if previous != {} else None, previous, written)

    def delete(self, kind: str, doc: Doc, event: str | None = None) -> Doc:
        """Leave a stub and answer with it; the event shows the whole object."""
        stub = {"id": doc["id"], "object": doc["object"], "deleted": True}
        self.store.mark_deleted(self.account, stub)
        self._told(kind, doc, "deleted", event, None)
        return stub

    def emit(self, event: str, doc: Doc, previous: Doc | None = None) -> None:
        """An event that goes with no change of its own object."""
        emit(self, event, doc, previous)

    def update(self, doc: Doc, *names: str) -> Doc:
        """Copy the parameters of these names into the object, as they are; metadata is merged."""
        for name in names:
            if name in self.params:
                doc[name] = self.params[name]
        if "metadata" in self.params:
            doc["metadata"] = merged(doc.get("metadata") or {}, self.params["metadata"])
        return doc

    def page(self, kind: str, *filters: str, url: str | None = None, ranges: tuple[str, ...] = (), **fixed: Any) -> Doc:
        """The answer of a list endpoint. ``filters``: parameters that are links; ``ranges``: those beside created
        that take bounds; ``fixed``: values set by the path."""
        of = KINDS[kind]
        wanted = {name: spelt(self.params[name]) for name in filters if self.params.get(name) is not None}
        wanted |= {name: spelt(value) for name, value in fixed.items()}
        part = lists.window(self.store, self.account, kind, of.title, self.params, ("created", *ranges))
        return lists.page(self.store.select(self.account, kind, wanted, part), part, url or of.url)

    def search(self, kind: str) -> Doc:
        """The answer of a search endpoint."""
        of = KINDS[kind]
        return search.answer(self.store.select(self.account, kind, {}), of.search, self.params, f"{of.url}/search")

    def later(self, seconds: int, name: str, subject: str, **payload: Any) -> None:
        """Let the timer ``name`` run for the object ``subject`` in so many seconds of virtual time."""
        due.schedule(self.store, self.account, name, self.now + seconds, subject, payload)

    def forget(self, subject: str, name: str | None = None) -> None:
        """Cancel the timers of an object."""
        due.cancel(self.store, self.account, subject, name)

    def on(self, account: str) -> "Call":
        """The same call on another account (a connected one, or the platform)."""
        return replace(self, account=account)

    def _told(
        self, kind: str, doc: Doc, act: str, event: str | None, previous: Doc | None, written: str | None = None
    ) -> Doc:
        if KINDS[kind].money:
            self.effect.append(journal.note(doc, act))
        if event:
            emit(self, event, doc, previous, written)
        return doc

    def expandable(self, doc: Doc, name: str) -> Any:
        """What an object shows only when asked for, such as the refunds of a charge."""
        kind = KINDS.get(str(doc.get("object")))
        include = kind.includes.get(name) if kind else None
        return include(self, doc) if include else None

    def named(self, name: str) -> Doc | None:
        """Whatever has this id."""
        found = self.store.find(self.account, name)
        return found[1] if found else None
