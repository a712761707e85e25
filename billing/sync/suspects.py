"""Objects that differ from our rows at a first look: perhaps only because their event is on its way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from billing.mirror import registry
from billing.providers.base import Kind, UnreadableObject
from billing.providers.events import BalanceTransactionObserved, NeutralEvent, PaymentMethodObserved
from billing.sync.models import SyncRun
from billing.sync.peer import Leaf, Peer

RECENT = timedelta(hours=48)
# No event tells of balance transactions: the search for gaps brings them, and looks again when they are available.
_MOVEMENTS_AFTER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Suspect:
    """``differences`` are (ours, theirs) by field, empty where the object is not here at all."""

    kind: Kind
    object_id: str
    event: NeutralEvent = field(compare=False)
    differences: Mapping[str, tuple[Any, Any]] = field(default_factory=dict, compare=False)


def compare(run: SyncRun, kind: Kind, events: Sequence[NeutralEvent], observed_at: datetime) -> list[Suspect]:
    """Those that are not here, or of which our row says something else. Writes nothing."""
    mirrored = registry.of(kind)
    rows = mirrored.rows.filter(account_id=run.account_id, external_id__in=[event.external_id for event in events])
    here = {row.external_id: row for row in rows}
    found = []
    for event in events:
        row = here.get(event.external_id)
        if _early(event, observed_at):
            continue
        if row is None or row.provider_updated_at is None:
            if untold(event, observed_at):
                continue
            found.append(Suspect(kind, event.external_id, event))
        # A row that is newer than the answer has every right to differ.
        elif row.provider_updated_at <= observed_at and (differing := mirrored.differences(event, row)):
            found.append(Suspect(kind, event.external_id, event, differing))
    return found


def compare_page(run: SyncRun, peer: Peer, kind: Kind, leaf: Leaf) -> list[Suspect]:
    """The same for a page as the processor sent it."""
    events = [event for source in leaf.sources if (event := _readable(peer, source)) is not None]
    return compare(run, kind, events, leaf.observed_at)


def _readable(peer: Peer, source: Mapping[str, Any]) -> NeutralEvent | None:
    try:
        return peer.read(source)
    except UnreadableObject:
        # A full reading names it; there is nothing to compare.
        return None


def untold(event: NeutralEvent, now: datetime) -> bool:
    """Whether nobody could have told us that the object exists: a means of payment that belongs to no customer, or a
    movement of the last minutes."""
    if isinstance(event, PaymentMethodObserved):
        return not event.customer_id
    return _early(event, now)


def _early(event: NeutralEvent, now: datetime) -> bool:
    if not isinstance(event, BalanceTransactionObserved):
        return False
    lately = now - _MOVEMENTS_AFTER
    # The answer may be a second younger than the time that it is sure to know.
    return event.created_at > lately or (event.available_on is not None and lately < event.available_on <= now)
