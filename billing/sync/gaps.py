"""Find events that never arrived: the processor's own list of events against the inbox."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from billing.providers.base import AccessRefused, ListedEvent
from billing.queue.registry import Verdict
from billing.sync import compare_balance, letters, movements, progress
from billing.sync.ahead import Ahead
from billing.sync.import_events import import_events
from billing.sync.models import RunEnd, RunKind, SyncCursor, SyncRun
from billing.sync.peer import Peer, Spot
from billing.sync.start import schedule_run
from billing.sync.turn import Patience, Settle, end_run, go_on
from billing.webhooks.models import WebhookEvent

# Younger events may still be on their way: they are looked at the next time.
GRACE = timedelta(minutes=3)
# How far behind the last look the next one begins: events may be listed later than they happened.
OVERLAP = timedelta(minutes=10)
# The list goes back thirty days. What is further away than this is read as objects.
REACH = timedelta(days=29)
# Of payments and refunds that old, nothing but disputes and other kinds that are read in full tells any more.
LOOK_BACK = timedelta(days=90)
_PAGES = 20
_UNDELIVERED_PAGES = 5


@dataclass(slots=True)
class Heard:
    spot: Spot | None
    events: list[ListedEvent] = field(default_factory=list)
    began: datetime | None = None
    undelivered: set[str] = field(default_factory=set)
    unreadable: list[str] = field(default_factory=list)


def step(run: SyncRun, peer: Peer) -> Settle:
    return _PHASES[run.phase or "events"](run, peer)


def _events(run: SyncRun, peer: Peer) -> Settle:
    """Some pages of the list, newest first, back to where the account is known to be complete."""
    known = SyncCursor.objects.filter(account_id=run.account_id, complete_until__isnull=False).first()
    if known is None or known.complete_until is None:
        return partial(end_run, end=RunEnd.CANCELLED, reason="The account has not been read for the first time yet.")
    until = known.complete_until
    since = until - OVERLAP
    if known.watched_since is not None:
        # What happened in the very second in which the first reading began was read.
        since = max(since, known.watched_since + timedelta(seconds=1))
    spot, patience = Spot.of(run.cursor.get("spot")), Patience()
    heard = Heard(spot)
    ahead = Ahead(partial(peer.list_events, since=since), spot)
    for number, leaf in enumerate(ahead.pages(), 1):
        heard.began = heard.began or leaf.observed_at
        heard.events += leaf.events
        heard.unreadable += leaf.unreadable
        heard.spot = leaf.following
        began = progress.at(run.cursor["began"]) if "began" in run.cursor else heard.began
        if began - until > REACH:
            ahead.close()
            return partial(_too_long, since=until - LOOK_BACK)
        if number == _PAGES or not patience.left(run):
            break
    ahead.close()
    if _missing(run, heard.events, began - GRACE):
        heard.undelivered = _undelivered(peer, since)
    return partial(_settle, peer=peer, heard=heard)


def _settle(run: SyncRun, *, peer: Peer, heard: Heard) -> Verdict:
    cursor = {**({"began": int(heard.began.timestamp())} if heard.began else {}), **run.cursor}
    settled = progress.at(cursor["began"]) - GRACE
    missing = _missing(run, heard.events, settled)
    count = import_events(run, peer, missing, undelivered=heard.undelivered)
    letters.note_unreadable(run, heard.unreadable)
    before: Mapping[str, int] = run.tally.get("events", {})
    run.tally = {
        **run.tally,
        "events": {
            "read": before.get("read", 0) + len(heard.events),
            "imported": before.get("imported", 0) + count,
        },
    }
    cursor.pop("spot", None)
    run.cursor = cursor
    if heard.spot is not None:
        run.cursor["spot"] = heard.spot.stored()
        return go_on(run, "events")
    _advance(run, settled)
    return go_on(run, "letters")


def _missing(run: SyncRun, events: Sequence[ListedEvent], before: datetime) -> list[ListedEvent]:
    old = [event for event in events if event.callback.occurred_at <= before]
    ids = [event.callback.event_id for event in old]
    here = set(
        WebhookEvent.objects.filter(account_id=run.account_id, external_id__in=ids).values_list(
            "external_id", flat=True
        )
    )
    return [event for event in old if event.callback.event_id not in here]


def _undelivered(peer: Peer, since: datetime) -> set[str]:
    """Those that the processor itself says it could not deliver."""
    found: set[str] = set()
    spot: Spot | None = Spot()
    for _ in range(_UNDELIVERED_PAGES):
        if spot is None:
            break
        leaf = peer.list_events(spot, since=since, undelivered_only=True)
        found |= {event.callback.event_id for event in leaf.events}
        spot = leaf.following
    return found


def _advance(run: SyncRun, settled: datetime) -> None:
    """Every event up to then is here."""
    cursor = SyncCursor.objects.select_for_update(of=("self",), no_key=True).get(account_id=run.account_id)
    if cursor.complete_until is not None and settled > cursor.complete_until:
        cursor.complete_until = settled
        cursor.save(update_fields=["complete_until"])


def _too_long(run: SyncRun, *, since: datetime) -> Verdict:
    """No list of events reaches back that far: objects are read instead, and they move ``complete_until``."""
    schedule_run(account=run.account, kind=RunKind.BACKFILL, since=since)
    return end_run(run, RunEnd.COMPLETE, "The gap is longer than the processor's list of events: objects are read.")


def _letters(run: SyncRun, peer: Peer) -> Settle:
    return partial(_write_letters, peer=peer)


def _write_letters(run: SyncRun, *, peer: Peer) -> Verdict:
    letters.note_dead(run, peer)
    letters.note_mended(run)
    return go_on(run, "movements")


def _newer(run: SyncRun, peer: Peer) -> Settle:
    try:
        settle = movements.catch_up(run.account_id, peer)
    except AccessRefused as refusal:
        return partial(_unread, refusal=refusal)
    return lambda claimed: go_on(claimed, "movements" if settle() else "due")


def _unread(run: SyncRun, *, refusal: AccessRefused) -> Verdict:
    """The events were searched; the key may not read the movements of the balance."""
    run.tally = {**run.tally, "balance_transaction": {"refused": str(refusal)}}
    return end_run(run, RunEnd.COMPLETE)


def _due(run: SyncRun, peer: Peer) -> Settle:
    settle = movements.look_at_due(run, peer)
    return lambda claimed: go_on(claimed, "due" if settle(claimed) else "balance")


_PHASES: Mapping[str, Callable[[SyncRun, Peer], Settle]] = {
    "events": _events,
    "letters": _letters,
    "movements": _newer,
    "due": _due,
    "balance": compare_balance.step,
}
