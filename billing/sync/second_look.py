"""Ask anew for what differed: what differs still, though no event of it waits here, is written down and repaired."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from billing.providers.base import Kind
from billing.queue.models import OPEN, State
from billing.queue.registry import Verdict
from billing.sync import progress
from billing.sync.apply import apply
from billing.sync.findings import changes, store, unreadable
from billing.sync.models import RunEnd, SyncRun
from billing.sync.parents import ancestors
from billing.sync.peer import Peer, Spot
from billing.sync.suspects import RECENT, compare
from billing.sync.turn import Patience, Settle, end_run, go_on, numbers
from billing.webhooks.handlers import Inbound, Source
from billing.webhooks.models import WebhookEvent

_AT_ONCE = 50
_PAGES_OF_EVENTS = 10
_NO_EVENT = "No event tells of it."


@dataclass(slots=True)
class Heard:
    """What still differs, with the parents that are not here; ``lost`` names events that never came, by object."""

    items: list[tuple[Kind, Inbound]] = field(default_factory=list)
    parents: list[Inbound] = field(default_factory=list)
    problems: list[tuple[Kind, str, str]] = field(default_factory=list)
    lost: Mapping[str, str] = field(default_factory=dict)


def look_again(run: SyncRun, peer: Peer) -> Settle:
    """A step: some suspects are fetched one by one."""
    waiting: Sequence[Any] = run.cursor["suspects"]
    patience, row_ids, asked, heard = Patience(), numbers(), 0, Heard()
    for name, object_id in waiting[:_AT_ONCE]:
        asked += 1
        told = peer.fetch(next(row_ids), Kind(name), object_id, source=Source.DRIFT)
        if told.problem:
            heard.problems.append((Kind(name), object_id, told.problem))
        if told.inbound and compare(run, Kind(name), [told.inbound.event], told.inbound.occurred_at):
            heard.items.append((Kind(name), told.inbound))
            heard.parents += ancestors(run, peer, told, row_ids)
        if not patience.left(run):
            break
    if heard.items:
        heard.lost = _lost_events(run, peer, {item.event.external_id for _, item in heard.items})
    return partial(_settle, heard=heard, rest=waiting[asked:])


def _lost_events(run: SyncRun, peer: Peer, object_ids: set[str]) -> dict[str, str]:
    """The newest event in the processor's list about each object, where it is not in the inbox."""
    since, spot = progress.at(run.cursor["began"]) - RECENT, Spot()
    found: dict[str, str] = {}
    for _ in range(_PAGES_OF_EVENTS):
        leaf = peer.list_events(spot, since=since)
        for event in leaf.events:
            if event.callback.object_id in object_ids:
                found.setdefault(event.callback.object_id, event.callback.event_id)
        if leaf.following is None:
            break
        spot = leaf.following
    here = WebhookEvent.objects.filter(account_id=run.account_id, external_id__in=found.values())
    came = set(here.values_list("external_id", flat=True))
    return {object_id: event_id for object_id, event_id in found.items() if event_id not in came}


def _settle(run: SyncRun, *, heard: Heard, rest: Sequence[Any]) -> Verdict:
    still = [(kind, item) for kind, item in heard.items if not _waits(run, item.event.external_id)]
    causes = {item.row_id: _cause(run, item.event.external_id, heard.lost) for _, item in still}
    apply(heard.parents)
    applied = apply([item for _, item in still])
    found = [unreadable(run, *problem) for problem in heard.problems]
    for kind, item in still:
        result = applied.results.get(item.row_id)
        if result is None or item.row_id in applied.parked:
            why = applied.refused.get(item.row_id, "what it belongs to is not here")
            found.append(unreadable(run, kind, item.event.external_id, why, item.event))
        else:
            # Nothing where the row has become newer than the answer.
            found += changes(run, kind, item, result, causes[item.row_id])
    store(found)
    run.cursor = {**run.cursor, "suspects": list(rest)}
    return go_on(run) if rest else end_run(run, RunEnd.COMPLETE)


def _waits(run: SyncRun, object_id: str) -> bool:
    """Whether an event about the object is here and has not taken effect yet. A dead letter never will by itself."""
    events = WebhookEvent.objects.filter(account_id=run.account_id, object_id=object_id)
    return events.filter(OPEN).exclude(state=State.DEAD).exists()


def _cause(run: SyncRun, object_id: str, lost: Mapping[str, str]) -> str:
    dead = WebhookEvent.objects.filter(account_id=run.account_id, object_id=object_id, state=State.DEAD)
    letter = dead.order_by("-pk").values_list("public_id", flat=True).first()
    if letter:
        return f"Its event {letter} is a dead letter."
    return f"Its event {lost[object_id]} never came."[:300] if object_id in lost else _NO_EVENT
