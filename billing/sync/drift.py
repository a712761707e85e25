"""Compare recent, open and some older objects with our rows. Only what still differs at a second look counts."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from billing import clock
from billing.mirror import registry
from billing.mirror.ask import Wanted, ask
from billing.providers.base import Kind, ProviderDeclined
from billing.queue.registry import Verdict
from billing.sync import progress
from billing.sync.ahead import Ahead
from billing.sync.models import RunEnd, SyncCursor, SyncRun
from billing.sync.peer import NO_VALID_KEY, Peer, Spot
from billing.sync.second_look import look_again
from billing.sync.suspects import RECENT, Suspect, compare_page
from billing.sync.turn import Patience, Settle, end_run, go_on

# Rows that stay open for longer are left to the sample. A refund fails within a month or never, and gets its bank's
# reference within a week or never: those without one only become more.
_OPEN_FOR = timedelta(days=365)
_REFUNDS_OPEN_FOR = timedelta(days=45)
_SAMPLE = 20
_PAGES, _ROWS = 20, 50
_chance = random.SystemRandom()
# Until the second look: what is on its way arrives.
PAUSE = timedelta(minutes=2)


@dataclass(slots=True)
class Heard:
    """``spot`` and ``row`` are where to go on in the list or among our rows; both None at the end."""

    compared: int = 0
    suspects: list[Suspect] = field(default_factory=list)
    gone: list[Wanted] = field(default_factory=list)
    began: datetime | None = None
    spot: Spot | None = None
    row: int | None = None


def step(run: SyncRun, peer: Peer) -> Settle:
    """Phases: the list of each kind, "rows:" and the kind for open ones and a sample, then "again"."""
    if run.phase == "again":
        return look_again(run, peer)
    part, _, name = run.phase.rpartition(":")
    kind = Kind(name) if name else registry.kinds()[0]
    try:
        heard = _rows(run, peer, kind) if part else _recent(run, peer, kind)
    except ProviderDeclined as refusal:
        if refusal.status == NO_VALID_KEY:
            raise
        # What the key, or anybody, may not read cannot be compared; a full sync names it.
        heard = Heard(began=peer.now())
    return partial(_settle, kind=kind, rows=bool(part), heard=heard)


def _recent(run: SyncRun, peer: Peer, kind: Kind) -> Heard:
    spot, patience = Spot.of(run.cursor.get("spot")), Patience()
    heard = Heard(spot=spot)
    heard.began = progress.at(run.cursor["began"]) if "began" in run.cursor else peer.now()
    ahead = Ahead(partial(peer.list_objects, kind, since=heard.began - RECENT), spot)
    for number, leaf in enumerate(ahead.pages(), 1):
        heard.spot = leaf.following
        heard.compared += len(leaf.sources)
        heard.suspects += compare_page(run, peer, kind, leaf)
        if number == _PAGES or not patience.left(run):
            break
    ahead.close()
    return heard


def _rows(run: SyncRun, peer: Peer, kind: Kind) -> Heard:
    """Fetch open rows that are older, one by one, and a few others of any age."""
    began, after, patience = progress.at(run.cursor["began"]), run.cursor.get("row", 0), Patience()
    mirrored = registry.of(kind)
    rows = mirrored.rows.filter(account_id=run.account_id, created_at__lt=began - RECENT)
    oldest = began - (_REFUNDS_OPEN_FOR if kind is Kind.REFUND else _OPEN_FOR)
    open_rows = rows.filter(mirrored.open, created_at__gte=oldest, pk__gt=after).order_by("pk")
    found = list(open_rows.values_list("pk", "external_id")[:_ROWS])
    heard = Heard(row=found[-1][0] if len(found) == _ROWS else None)
    others = [] if heard.row else _sample(rows.exclude(mirrored.open, created_at__gte=oldest))
    for position, (pk, object_id) in enumerate([*found, *others], 1):
        leaf = peer.fetch_as_leaf(kind, object_id)
        heard.compared += 1
        if leaf is None:
            heard.gone.append(Wanted(run.account_id, kind, object_id, "gone at the processor"))
        else:
            heard.suspects += compare_page(run, peer, kind, leaf)
        if not patience.left(run):
            # What is left of the sample may be left.
            heard.row = pk if position < len(found) else heard.row
            break
    return heard


def _sample(rows: Any) -> list[tuple[int, str]]:
    """Some rows at random places of the table, whatever its size."""
    first = rows.order_by("pk").values_list("pk", flat=True).first()
    last = rows.order_by("-pk").values_list("pk", flat=True).first()
    if first is None:
        return []
    found = set()
    for place in (_chance.randint(first, last) for _ in range(_SAMPLE)):
        found.add(rows.filter(pk__gte=place).order_by("pk").values_list("pk", "external_id").first())
    return sorted(found)


def _settle(run: SyncRun, *, kind: Kind, rows: bool, heard: Heard) -> Verdict:
    ask(heard.gone)
    cursor = dict(run.cursor)
    if heard.began is not None:
        cursor.setdefault("began", int(heard.began.timestamp()))
    known = {(each[0], each[1]) for each in cursor.get("suspects", [])}
    new = [[each.kind.value, each.object_id] for each in heard.suspects if (each.kind, each.object_id) not in known]
    cursor["suspects"] = [*cursor.get("suspects", []), *new]
    before: Mapping[str, int] = run.tally.get(kind, {})
    run.tally = {**run.tally, kind: {**before, "read": before.get("read", 0) + heard.compared}}
    cursor.pop("spot", None)
    cursor.pop("row", None)
    run.cursor = cursor
    if heard.spot is not None:
        cursor["spot"] = heard.spot.stored()
        return go_on(run, kind)
    if heard.row is not None:
        cursor["row"] = heard.row
        return go_on(run, f"rows:{kind}")
    return _next(run, kind, rows=rows)


def _next(run: SyncRun, kind: Kind, *, rows: bool) -> Verdict:
    kinds = registry.kinds()
    at = kinds.index(kind) + 1
    run.progress = (at + (len(kinds) if rows else 0)) * 990 // (2 * len(kinds))
    if at < len(kinds):
        return go_on(run, f"rows:{kinds[at]}" if rows else kinds[at].value)
    if not rows:
        return go_on(run, f"rows:{kinds[0]}")
    SyncCursor.objects.filter(account_id=run.account_id).update(compared_at=clock.now())
    if run.cursor["suspects"]:
        return go_on(run, "again", pause=PAUSE.total_seconds())
    return end_run(run, RunEnd.COMPLETE)
