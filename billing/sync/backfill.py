"""Read a whole account, kind by kind and newest first; what a step read takes effect when it ends."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from billing.mirror import registry
from billing.providers.base import AccessRefused, Kind, ProviderDeclined, ProviderUnavailable, UnreadableObject
from billing.queue.registry import Verdict
from billing.sync import by_customer, catch_up, complete, progress
from billing.sync.ahead import Ahead, Shelf
from billing.sync.apply import Applied, apply, count
from billing.sync.findings import changes, store, unreadable
from billing.sync.models import Finding, SyncRun
from billing.sync.peer import NO_VALID_KEY, Leaf, Peer, Spot
from billing.sync.suspects import untold
from billing.sync.turn import Patience, Settle, go_on, numbers
from billing.webhooks.handlers import Inbound, Source

# Pages of one transaction.
_PAGES = 10
# Their old objects do not change without newer ones of another kind that tell of it; all others are read in full.
BOUNDED = (Kind.INTENT, Kind.CHARGE, Kind.REFUND, Kind.BALANCE_TRANSACTION)
_INTENTS_EARLIER = timedelta(days=31)
_shelf = Shelf()


@dataclass(slots=True)
class Heard:
    """What one step was told. ``spot`` is where to go on, None at the list's end; ``customer`` the row where to go on
    among customers, None where all are read or none were needed."""

    spot: Spot | None
    items: list[Inbound] = field(default_factory=list)
    unreadable: list[tuple[str, str]] = field(default_factory=list)
    began: datetime | None = None
    first: str = ""
    refused: str = ""
    customer: int | None = None


def step(run: SyncRun, peer: Peer) -> Settle:
    """Raises what the peer raises, when nothing was heard at all."""
    if run.phase in complete.PHASES:
        return complete.PHASES[run.phase](run, peer)
    kind = Kind(run.phase) if run.phase else registry.kinds()[0]
    opening = {} if run.cursor else progress.opening(run, peer)
    heard = listen(run, peer, kind)
    return partial(_settle, peer=peer, kind=kind, heard=heard, opening=opening)


def listen(run: SyncRun, peer: Peer, kind: Kind) -> Heard:
    """Read on in the list of a kind, for some seconds."""
    if "customer" in run.cursor:
        return _by_customer(run, peer)
    spot, row_ids, patience = Spot.of(run.cursor.get("spot")), numbers(), Patience()
    since = _since(run, kind)
    ahead = _shelf.take((run.pk, kind), partial(peer.list_objects, kind, since=since), spot)
    heard = Heard(spot)
    try:
        for number, leaf in enumerate(ahead.pages(), 1):
            _note(heard, leaf)
            _translate(heard, peer, kind, leaf, row_ids)
            if number == _PAGES or not patience.left(run):
                break
    except ProviderDeclined as refusal:
        ahead.close()
        if refusal.status == NO_VALID_KEY or heard.began is not None or spot.after:
            raise
        if kind is Kind.PAYMENT_METHOD and not isinstance(refusal, AccessRefused):
            return _by_customer(run, peer)
        heard.refused = str(refusal)
    except ProviderUnavailable:
        # What was heard so far counts; the next step learns how long to wait.
        if heard.began is None:
            raise
        return heard
    _put_back(run, kind, ahead, heard)
    return heard


def _since(run: SyncRun, kind: Kind) -> datetime | None:
    if run.since is None or kind not in BOUNDED:
        return None
    # The intent of a charge may be older than the charge.
    return run.since - _INTENTS_EARLIER if kind is Kind.INTENT else run.since


def _by_customer(run: SyncRun, peer: Peer) -> Heard:
    heard, row_ids, patience = Heard(None), numbers(), Patience()
    for number, (leaf, customer) in enumerate(by_customer.leaves(run, peer), 1):
        _note(heard, leaf)
        _translate(heard, peer, Kind.PAYMENT_METHOD, leaf, row_ids)
        # Never in the midst of a customer: there is no place to go on from.
        if leaf.following is None and (number >= _PAGES or not patience.left(run)):
            heard.customer = customer
            break
    heard.spot = None
    return heard


def _put_back(run: SyncRun, kind: Kind, ahead: Ahead, heard: Heard) -> None:
    heard.spot = None if heard.refused else ahead.spot
    if heard.spot is None:
        ahead.close()
    else:
        _shelf.keep((run.pk, kind), ahead)


def _note(heard: Heard, leaf: Leaf) -> None:
    heard.spot = leaf.following
    if heard.began is None:
        heard.began = leaf.observed_at
        heard.first = str(leaf.sources[0].get("id") or "") if leaf.sources else ""


def _translate(heard: Heard, peer: Peer, kind: Kind, leaf: Leaf, row_ids: Any) -> None:
    for source in leaf.sources:
        try:
            event = peer.read(source)
        except UnreadableObject as problem:
            heard.unreadable.append((str(source.get("id") or ""), str(problem)))
            continue
        heard.items.append(peer.inbound(next(row_ids), kind, event, leaf.observed_at, source=Source.BACKFILL))


def _settle(run: SyncRun, *, peer: Peer, kind: Kind, heard: Heard, opening: dict[str, Any]) -> Verdict:
    cursor = {**opening, **run.cursor}
    if heard.began is not None:
        cursor.setdefault("began", int(heard.began.timestamp()))
    if kind is Kind.BALANCE_TRANSACTION and "spot" not in cursor:
        cursor["newest_movement"] = heard.first
    applied = apply(heard.items)
    run.tally = count(run.tally, kind, applied, unreadable=len(heard.unreadable))
    if heard.refused:
        run.tally = {**run.tally, kind: {**run.tally[kind], "refused": heard.refused}}
    run.cursor = cursor
    store(_findings(run, kind, heard, applied))
    remember(run, heard.items, applied)
    for name, place in (("spot", heard.spot and heard.spot.stored()), ("customer", heard.customer)):
        cursor.pop(name, None)
        if place is not None:
            cursor[name] = place
    following = _after(kind) if heard.spot is None and heard.customer is None else kind.value
    run.progress = progress.thousandths(cursor, following)
    return go_on(run, following)


def _findings(run: SyncRun, kind: Kind, heard: Heard, applied: Applied) -> list[Finding]:
    found = [unreadable(run, kind, object_id, why) for object_id, why in heard.unreadable]
    items = {item.row_id: item for item in heard.items}
    for row_id, why in applied.refused.items():
        found.append(unreadable(run, kind, items[row_id].event.external_id, why, items[row_id].event))
    if run.cursor.get("audit"):
        for row_id, result in applied.results.items():
            item = items[row_id]
            if result.changes or not untold(item.event, item.occurred_at):
                found += changes(run, kind, item, result, catch_up.CAUSE)
    return found


def remember(run: SyncRun, items: Sequence[Inbound], applied: Applied) -> None:
    """Keep in mind what needs a second look: children whose parents are not here, charges that were touched."""
    by_id = {item.row_id: item for item in items}
    parked = [[by_id[row_id].type.partition(".")[0], by_id[row_id].event.external_id] for row_id in applied.parked]
    if parked:
        run.cursor["parked"] = [*run.cursor.get("parked", []), *parked]
    if run.since is not None and run.cursor.get("audit"):
        charges = {
            getattr(by_id[row_id].event, "charge_id", "") for row_id, it in applied.results.items() if it.effects
        }
        run.cursor["touched"] = sorted({*run.cursor.get("touched", []), *charges} - {""})


def _after(kind: Kind) -> str:
    kinds = registry.kinds()
    position = kinds.index(kind) + 1
    return kinds[position].value if position < len(kinds) else complete.FIRST
