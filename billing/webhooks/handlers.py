"""Who acts on which neutral event. Slices register; the inbox and what asks the processor call."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from billing.audit.record import recorded_together
from billing.figures.keep import together
from billing.merchants.models import Merchant
from billing.outbox.publish import published_together
from billing.providers.events import NeutralEvent
from billing.webhooks.models import Outcome

Key = tuple[bool, datetime, int, str]
"""Where a snapshot stands among those of its object: see ``billing.mirror.order``."""


class Source(StrEnum):
    """How a snapshot came here: told by an event, asked for, or answered to a command of ours."""

    EVENT = "event"
    BACKFILL = "backfill"
    REFETCH = "refetch"
    DRIFT = "drift"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Inbound:
    """One snapshot on its way to a handler.

    ``row_id`` is the inbox row of an event; what was asked for has any number that tells it from others of its batch.
    ``external_id`` is the processor's event id, empty for what was asked for; ``occurred_at`` is the event's time, or
    the bound that ``providers.base.Answer`` explains. ``covers`` is where the row stood before it was asked for: the
    answer is newer than that, whatever the times say.
    """

    row_id: int
    external_id: str
    account_id: Any
    merchant: Merchant
    livemode: bool
    type: str
    occurred_at: datetime
    event: NeutralEvent
    source: Source = Source.EVENT
    covers: Key | None = None

    @property
    def asked(self) -> bool:
        return self.source is not Source.EVENT

    @property
    def event_row(self) -> int | None:
        return None if self.asked else self.row_id


@dataclass(frozen=True, slots=True)
class Effect:
    """One object that a snapshot made or changed, by our public id. ``what`` is "created" or "changed"."""

    what: str
    kind: str
    public_id: str


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a snapshot. ``waits_for`` is the processor's id of the parent that is not here yet; ``changes``
    are (before, after) by field, noted only for what was asked for; ``message`` says why nothing came of it."""

    outcome: Outcome
    effects: tuple[Effect, ...] = ()
    changes: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    waits_for: str = ""
    message: str = ""


Handle = Callable[[Sequence[Inbound]], Mapping[int, Result]]
_handlers: dict[type, Handle] = {}
_audited: list[Handle] = []
_ending: ContextVar[list[Callable[[], object]]] = ContextVar("ending")


def handler(*types: type, audited: bool = False) -> Callable[[Handle], Handle]:
    """Register a function for neutral events of these classes. It gets batches inside the caller's transaction, and
    answers a result for every row id: CHANGED, NO_CHANGE or PARKED. Handlers run in the order in which they were
    registered, so that parents of one batch are here before their children; ``audited`` ones, which write the audit
    trail, after all others, as its lock comes last."""

    def register(handle: Handle) -> Handle:
        if audited:
            _audited.append(handle)
        for type_ in types:
            _handlers[type_] = handle
        return handle

    return register


def dispatch(batch: Iterable[Inbound]) -> dict[int, Result]:
    """Hand a batch over, inside the caller's transaction, and keep the figures. IGNORED where nobody listens."""
    waiting: dict[Handle, list[Inbound]] = defaultdict(list)
    results = {}
    for item in batch:
        handle = _handlers.get(type(item.event))
        if handle is None:
            results[item.row_id] = Result(Outcome.IGNORED)
        else:
            waiting[handle].append(item)
    ending: list[Callable[[], object]] = []
    token = _ending.set(ending)
    try:
        with published_together():
            with together():
                results.update(_handled(waiting, [handle for handle in _handlers.values() if handle not in _audited]))
            results.update(_handled(waiting, _audited))
        with recorded_together():
            for work in ending:
                work()
    finally:
        _ending.reset(token)
    return results


def at_the_end(work: Callable[[], object]) -> None:
    """Do this as the last of the dispatch under way, once nothing else needs a lock: for rows of the audit trail that
    handlers of many objects write about a few."""
    _ending.get().append(work)


def _handled(waiting: Mapping[Handle, list[Inbound]], handlers: Iterable[Handle]) -> dict[int, Result]:
    results: dict[int, Result] = {}
    for handle in dict.fromkeys(handlers):
        if handle in waiting:
            results.update(handle(waiting[handle]))
    return results
