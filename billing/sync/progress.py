"""How far a reading of an account has got."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from billing.mirror import registry
from billing.providers.base import AccessRefused, Kind, UnreadableObject
from billing.sync.models import SyncCursor, SyncRun
from billing.sync.peer import NO_VALID_KEY, Peer

# About how many objects of each kind an account has for each of the others.
_WEIGHTS = {Kind.INTENT: 6, Kind.CHARGE: 6, Kind.BALANCE_TRANSACTION: 6, Kind.CUSTOMER: 3, Kind.PAYMENT_METHOD: 3}
_USUAL = 1
# Where an account does not say since when it exists.
_OLDEST = timedelta(days=5 * 365)
_LAST = 990


def opening(run: SyncRun, peer: Peer) -> dict[str, Any]:
    """The cursor of a run that begins: the time back to which it reads, and whether the account was complete before,
    so that whatever is not here is a finding."""
    known = SyncCursor.objects.filter(account_id=run.account_id, complete_until__isnull=False).exists()
    floor = run.since or _born(peer)
    return {"audit": known, **({"floor": int(floor.timestamp())} if floor else {})}


def thousandths(cursor: Mapping[str, Any], phase: str) -> int:
    """The share of the way from now back to the account's beginning, each kind weighed by how much there is of it.
    1,000 is kept for the end."""
    kinds = registry.kinds()
    if phase not in kinds or "began" not in cursor:
        return _LAST if phase not in kinds else 0
    weights = [_WEIGHTS.get(kind, _USUAL) for kind in kinds]
    at = kinds.index(Kind(phase))
    done = sum(weights[:at]) * 1_000 + weights[at] * _within(cursor)
    return min(done // sum(weights), _LAST)


def _within(cursor: Mapping[str, Any]) -> int:
    created: int = cursor.get("spot", {}).get("created", 0)
    if not created:
        return 0
    began: int = cursor["began"]
    floor: int = cursor.get("floor", began - int(_OLDEST.total_seconds()))
    return min(max((began - created) * 1_000 // max(began - floor, 1), 0), 1_000)


def remaining_seconds(run: SyncRun, now: datetime) -> int | None:
    """At the pace so far; None while there is none to speak of."""
    if run.started_at is None or run.progress < 1 or run.ended_at is not None:
        return None
    elapsed = int((now - run.started_at).total_seconds())
    return elapsed * (1_000 - run.progress) // run.progress


def _born(peer: Peer) -> datetime | None:
    try:
        return getattr(peer.describe(), "created_at", None)
    except AccessRefused as refusal:
        # Few restricted keys may read the account itself, and nothing but the progress needs it.
        if refusal.status == NO_VALID_KEY:
            raise
        return None
    except UnreadableObject:
        return None


def at(stamp: int) -> datetime:
    return datetime.fromtimestamp(stamp, UTC)
