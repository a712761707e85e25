"""Bring events into the inbox that the processor lists and that never came."""

import json
from collections.abc import Collection, Sequence

from billing import clock
from billing.providers.base import ListedEvent, UnreadableObject
from billing.providers.events import NeutralEvent
from billing.queue.nudge import nudge
from billing.sync.findings import finding, store
from billing.sync.models import Finding, FindingKind, SyncRun
from billing.sync.peer import Peer
from billing.webhooks.keep import keep, together
from billing.webhooks.models import Origin, WebhookEvent

_HEADERS = {"from": "the processor's list of events"}
_NOT_DELIVERED = "The processor could not deliver it."
_LOST = "The processor counts it as delivered, and it never came here."


def import_events(run: SyncRun, peer: Peer, missing: Sequence[ListedEvent], *, undelivered: Collection[str]) -> int:
    """Keep those that the product listens to, with a finding each, inside the caller's transaction; how many.

    ``undelivered``: ids that the processor says it could not deliver.
    """
    wanted = {}
    for event in missing:
        listens, about = _read(peer, event)
        if listens:
            wanted[event.callback.event_id] = (event, about)
    if not wanted:
        return 0
    with together():
        for event, _ in wanted.values():
            _keep(run, event)
    # One that was delivered just now is not ours.
    ours = WebhookEvent.objects.filter(
        account_id=run.account_id, external_id__in=list(wanted), origin=Origin.IMPORTED
    ).exclude(pk__in=Finding.objects.filter(account_id=run.account_id, event__isnull=False).values("event_id"))
    found = [
        _finding(run, row, *wanted[row.external_id], _NOT_DELIVERED if row.external_id in undelivered else _LOST)
        for row in ours.defer("body")
    ]
    store(found)
    nudge("inbox")
    return len(found)


def _read(peer: Peer, event: ListedEvent) -> tuple[bool, NeutralEvent | None]:
    """Whether anything here listens to it, and what it is about where that can be read."""
    try:
        about = peer.translate(json.loads(event.body))
    except UnreadableObject:
        # It becomes a dead letter, which a person sees.
        return True, None
    return about is not None, about


def _keep(run: SyncRun, event: ListedEvent) -> None:
    told = event.callback
    keep(
        account_id=run.account_id,
        merchant_id=run.account.merchant_id,
        livemode=told.livemode,
        external_id=told.event_id,
        type=told.type,
        api_version=told.api_version,
        object_type=told.object_type,
        object_id=told.object_id,
        body=event.body,
        headers=_HEADERS,
        occurred_at=told.occurred_at,
        received_at=clock.now(),
        origin=Origin.IMPORTED,
    )


def _finding(run: SyncRun, row: WebhookEvent, event: ListedEvent, about: NeutralEvent | None, cause: str) -> Finding:
    return finding(
        run,
        FindingKind.MISSING,
        about,
        object_type=event.callback.object_type[:40],
        object_id=event.callback.object_id,
        event_type=event.callback.type,
        event_external_id=event.callback.event_id,
        event=row,
        cause=cause,
        repair=f"Imported as {row.public_id}.",
        occurred_at=event.callback.occurred_at,
        repaired_at=clock.now(),
    )
