"""What a child belongs to, asked for where it is not here."""

from collections.abc import Iterator
from typing import Any

from billing.mirror import registry
from billing.providers.base import Kind
from billing.sync.models import SyncRun
from billing.sync.peer import Fetched, Peer
from billing.webhooks.handlers import Inbound


def ancestors(run: SyncRun, peer: Peer, child: Fetched, row_ids: Iterator[int]) -> list[Inbound]:
    """Its charge and its intent. Raises what the peer raises."""
    if child.inbound is None:
        return []
    event: Any = child.inbound.event
    source, found = child.inbound.source, []
    for kind, name in ((Kind.CHARGE, "charge_id"), (Kind.INTENT, "intent_id")):
        object_id: str = getattr(event, name, "")
        if object_id and not _shown(run, kind, object_id):
            parent = peer.fetch(next(row_ids), kind, object_id, source=source).inbound
            found += [parent] if parent is not None else []
    return found


def _shown(run: SyncRun, kind: Kind, object_id: str) -> bool:
    rows = registry.of(kind).rows.filter(account_id=run.account_id, external_id=object_id)
    return bool(rows.filter(provider_updated_at__isnull=False).exists())
