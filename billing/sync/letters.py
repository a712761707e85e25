"""Events that came and could not be applied."""

from collections.abc import Sequence

from django.db.models import Exists, OuterRef

from billing.providers.base import UnreadableObject
from billing.queue.models import State
from billing.sync.findings import finding, store
from billing.sync.models import Finding, FindingKind, SyncRun
from billing.sync.peer import Peer
from billing.webhooks.models import WebhookEvent

_AT_ONCE = 500


def note_dead(run: SyncRun, peer: Peer) -> None:
    """A finding for each dead letter that has none, some hundred at a time."""
    known = Finding.objects.filter(account_id=run.account_id, kind=FindingKind.FAILED, event=OuterRef("pk"))
    dead = WebhookEvent.objects.filter(~Exists(known), account_id=run.account_id, state=State.DEAD)
    store(_finding(run, peer, event) for event in dead.order_by("pk")[:_AT_ONCE])


def note_unreadable(run: SyncRun, event_ids: Sequence[str]) -> None:
    """A finding for each event of the processor's list that has no form known here; once."""
    known = Finding.objects.filter(account_id=run.account_id, event_external_id__in=event_ids)
    new = set(event_ids) - set(known.values_list("event_external_id", flat=True)) - {""}
    cause = "The processor lists an event in a form that cannot be read."
    store(finding(run, FindingKind.FAILED, None, event_external_id=event_id, cause=cause) for event_id in sorted(new))


def note_mended(run: SyncRun) -> None:
    """Dead letters that took effect since, after somebody had them processed again."""
    failed = Finding.objects.filter(account_id=run.account_id, kind=FindingKind.FAILED, repaired_at__isnull=True)
    for pk, mended_at in failed.filter(event__state=State.DONE).values_list("pk", "event__processed_at"):
        Finding.objects.filter(pk=pk).update(repaired_at=mended_at, repair="It was processed again.")


def _finding(run: SyncRun, peer: Peer, event: WebhookEvent) -> Finding:
    try:
        about = peer.translate(event.payload) if event.is_kept else None
    except UnreadableObject:
        about = None
    return finding(
        run,
        FindingKind.FAILED,
        about,
        object_type=event.object_type[:40],
        object_id=event.object_id,
        event_type=event.type,
        event_external_id=event.external_id,
        event=event,
        cause=event.error[:300],
        occurred_at=event.occurred_at,
    )
