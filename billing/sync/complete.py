"""What a full reading does after its lists: children without parents, what a long gap needs besides, and its end."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from billing.mirror import registry
from billing.providers.base import Kind
from billing.queue.registry import Verdict
from billing.sync import catch_up, progress
from billing.sync.apply import Applied, apply
from billing.sync.findings import changes, finding, store, unreadable
from billing.sync.models import Finding, FindingKind, RunEnd, SyncCursor, SyncRun
from billing.sync.parents import ancestors
from billing.sync.peer import Fetched, Peer
from billing.sync.turn import Patience, Settle, end_run, go_on, numbers
from billing.webhooks.handlers import Inbound, Source

FIRST = "parents"
_AT_ONCE = 50
_Told = tuple[str, str, Fetched, list[Inbound]]


def _parents(run: SyncRun, peer: Peer) -> Settle:
    """Ask for children that came before their parents, and for the parents where they are not here yet."""
    waiting, patience, row_ids = run.cursor.get("parked", []), Patience(), numbers()
    asked, heard = 0, list[_Told]()
    for kind, object_id in waiting[:_AT_ONCE]:
        if asked and not patience.left(run):
            break
        child = peer.fetch(next(row_ids), Kind(kind), object_id, source=Source.BACKFILL)
        heard.append((kind, object_id, child, ancestors(run, peer, child, row_ids)))
        asked += 1
    return partial(_adopt, heard=heard, rest=waiting[asked:])


def _adopt(run: SyncRun, *, heard: Sequence[_Told], rest: list[Any]) -> Verdict:
    parents = {item.event.external_id: item for _, _, _, ancestors in heard for item in ancestors}
    apply(list(parents.values()))
    children = [child.inbound for _, _, child, _ in heard if child.inbound]
    applied = apply(children)
    store(_orphans(run, heard, applied))
    if run.cursor.get("audit"):
        for item in children:
            result = applied.results.get(item.row_id)
            if result:
                store(changes(run, Kind(item.type.partition(".")[0]), item, result, catch_up.CAUSE))
    run.cursor = {**run.cursor, "parked": rest}
    return go_on(run, FIRST if rest else "open")


def _orphans(run: SyncRun, heard: Sequence[_Told], applied: Applied) -> list[Finding]:
    found = []
    for kind, object_id, child, _ in heard:
        if child.problem:
            found.append(unreadable(run, Kind(kind), object_id, child.problem))
        elif child.inbound is not None and child.inbound.row_id in applied.parked:
            waits_for = applied.results[child.inbound.row_id].waits_for
            cause = f"It belongs to {waits_for or 'a payment'}, which the processor does not show."[:300]
            event = child.inbound.event
            found.append(finding(run, FindingKind.ABSENT, event, object_type=kind, cause=cause))
    return found


def _open(run: SyncRun, peer: Peer) -> Settle:
    """After a long gap: rows that could change by themselves, however old they are."""
    if run.since is None or not run.cursor.get("audit"):
        return lambda claimed: go_on(claimed, "confirm")
    return catch_up.reread(run, peer)


def _confirm(run: SyncRun, peer: Peer) -> Settle:
    return _confirmed


def _confirmed(run: SyncRun) -> Verdict:
    if run.findings.exists() and run.cursor.get("audit"):
        if not run.cursor.get("confirming"):
            # Meanwhile events that were on their way arrive.
            run.cursor = {**run.cursor, "confirming": True}
            return go_on(run, pause=catch_up.ON_ITS_WAY.total_seconds())
        catch_up.forget_explained(run)
    return finish(run)


def finish(run: SyncRun) -> Verdict:
    """From now on the gap finder answers for what came after this reading began."""
    began = progress.at(run.cursor["began"]) if "began" in run.cursor else None
    cursor, _ = SyncCursor.objects.select_for_update(of=("self",), no_key=True).get_or_create(account_id=run.account_id)
    reaches = run.since is None or cursor.complete_until is None or run.since <= cursor.complete_until
    if began is not None and reaches and (cursor.complete_until is None or cursor.complete_until < began):
        cursor.complete_until = began
    cursor.watched_since = cursor.watched_since or began
    cursor.newest_movement = run.cursor.get("newest_movement") or cursor.newest_movement
    cursor.save(update_fields=["complete_until", "watched_since", "newest_movement"])
    refused = [told["refused"] for told in run.tally.values() if isinstance(told, dict) and told.get("refused")]
    if len(refused) == len(registry.kinds()):
        return end_run(run, RunEnd.FAILED, refused[0])
    return end_run(run, RunEnd.COMPLETE)


PHASES: dict[str, Callable[[SyncRun, Peer], Settle]] = {FIRST: _parents, "open": _open, "confirm": _confirm}
