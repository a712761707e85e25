"""Which snapshot of an object is shown, decided alike whatever the order in which they come.

A final state is never left; otherwise the processor's time decides, within its whole seconds the rank of the state,
and between equals the event id. Where that is a guess (a tie, a step backwards, a state without a word here) the
processor is asked, and its answer is shown from then on (docs/adr/0014).
"""

from dataclasses import dataclass

from billing.mirror.models import Snapshot
from billing.providers.events import DisputeObserved, IntentObserved
from billing.webhooks.handlers import Inbound, Key

# A state may come back in these, so that a higher rank is no later one.
_CYCLIC = (IntentObserved, DisputeObserved)
# The event that tells of an object's birth comes before all others of its second.
BIRTH = -1
# Sorts behind every event id.
FETCHED = "~"


@dataclass(frozen=True, slots=True)
class Weighing:
    """Whether a snapshot is to be shown, and why the processor should be asked (empty: it need not be)."""

    applies: bool
    doubt: str = ""


def key_of(row: Snapshot) -> Key | None:
    """Where the shown snapshot stands; None when there is none yet."""
    if row.provider_updated_at is None:
        return None
    return row.is_final, row.provider_updated_at, row.state_rank, row.order_event


def weigh(row: Snapshot, item: Inbound, *, same: bool) -> Weighing:
    """``same``: the snapshot says what the row shows already."""
    here = key_of(row)
    if here is None:
        return Weighing(True, "" if item.asked or item.event.known else "unknown state")
    if item.asked:
        if item.covers == here or item.occurred_at >= here[1]:
            return Weighing(True)
        return Weighing(False, "" if same else "overtaken")
    if here[3] == FETCHED and item.occurred_at < here[1]:
        return Weighing(False)
    key = _key(item)
    applies = key >= here
    return Weighing(applies, "" if same or key == here else _doubt(here, key, item))


def stamp(row: Snapshot, item: Inbound) -> None:
    """Let the row know which snapshot it shows."""
    if item.asked:
        before = row.provider_updated_at
        at = max(item.occurred_at, before) if before else item.occurred_at
        key: Key = (item.event.final, at, item.event.rank, FETCHED)
    else:
        key = _key(item)
    row.is_final, row.provider_updated_at, row.state_rank, row.order_event = key
    row.source_event_id = item.event_row
    row.unconfirmed_since = None


def _key(item: Inbound) -> Key:
    rank = BIRTH if item.type.endswith(".created") else item.event.rank
    return item.event.final, item.occurred_at, rank, item.external_id


def _doubt(here: Key, key: Key, item: Inbound) -> str:
    if not item.event.known:
        return "unknown state"
    cyclic = isinstance(item.event, _CYCLIC)
    earlier, later = sorted((here, key), key=lambda each: (each[1], each[2]))
    if here[1] == key[1]:
        decided = earlier[2] == BIRTH or here[0] != key[0] or (earlier[2] != later[2] and not cyclic)
        return "" if decided else "same second"
    if earlier[0] and earlier[2] != later[2]:
        return "went on after its end"
    if later[2] < earlier[2] and not cyclic:
        return "went backwards"
    return ""
