"""Which snapshot of an object is shown, decided alike whatever the order in which they come.

A final state is never left; otherwise the processor's time decides, within its whole seconds the rank of the state,
and between equals the event id.
"""

from datetime import datetime

from billing.payments.models import Snapshot

Key = tuple[bool, datetime, int, str]


def supersedes(row: Snapshot, key: Key) -> bool:
    """Whether a snapshot with this key is as new as what the row shows, or newer."""
    if row.provider_updated_at is None:
        return True
    return key >= (row.is_final, row.provider_updated_at, row.state_rank, row.order_event)


def stamp(row: Snapshot, key: Key, source_event_id: int) -> None:
    row.is_final, row.provider_updated_at, row.state_rank, row.order_event = key
    row.source_event_id = source_event_id
