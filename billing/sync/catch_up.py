"""After a gap that is longer than the processor's list of events: what its lists of objects cannot tell."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from django.db.models import Q

from billing.mirror import registry
from billing.providers.base import Kind
from billing.queue.registry import Verdict
from billing.sync import progress
from billing.sync.apply import apply, count
from billing.sync.findings import changes, store, unreadable
from billing.sync.models import FindingKind, SyncRun
from billing.sync.peer import Fetched, Peer
from billing.sync.turn import Patience, Settle, go_on, numbers
from billing.webhooks.handlers import Source
from billing.webhooks.models import Origin, WebhookEvent

CAUSE = "No event told of it: found in the processor's lists."
# How long an event may be on its way before it counts as lost.
ON_ITS_WAY = timedelta(minutes=2)
_AT_ONCE = 50
Ref = tuple[Kind, str]


def reread(run: SyncRun, peer: Peer) -> Settle:
    """Ask for charges that were touched in the meantime, and for every open row, unless this run has read them."""
    place = run.cursor.get("open") or {"kind": -1, "pk": 0}
    refs, following = _next(run, place)
    patience, row_ids, heard = Patience(), numbers(), []
    for kind, object_id, here in refs:
        heard.append((kind, object_id, peer.fetch(next(row_ids), kind, object_id, source=Source.BACKFILL)))
        if not patience.left(run):
            following = here
            break
    return partial(_settle, heard=heard, following=following)


def _next(run: SyncRun, place: dict[str, int]) -> tuple[list[tuple[Kind, str, dict[str, int]]], dict[str, int] | None]:
    """Some rows with the place after each, and the place after all of them; None at the end."""
    kinds, number, pk = registry.kinds(), place["kind"], place["pk"]
    began = progress.at(run.cursor["began"])
    # Before the kinds: charges by their refunds and disputes.
    mirrored = registry.of(kinds[number] if number >= 0 else Kind.CHARGE)
    rows = mirrored.rows.filter(account_id=run.account_id, pk__gt=pk, provider_updated_at__lt=began)
    wanted = mirrored.open if number >= 0 else Q(external_id__in=run.cursor.get("touched", []))
    rows = rows.filter(wanted)
    found = list(rows.order_by("pk").values_list("pk", "external_id")[:_AT_ONCE])
    refs = [(mirrored.kind, object_id, {"kind": number, "pk": row_id}) for row_id, object_id in found]
    if len(found) == _AT_ONCE:
        return refs, refs[-1][2]
    return refs, {"kind": number + 1, "pk": 0} if number + 1 < len(kinds) else None


def _settle(run: SyncRun, *, heard: Sequence[tuple[Kind, str, Fetched]], following: dict[str, int] | None) -> Verdict:
    items = {told.inbound.row_id: (kind, told.inbound) for kind, _, told in heard if told.inbound}
    applied = apply([item for _, item in items.values()])
    found: list[Any] = [
        unreadable(run, kind, object_id, told.problem) for kind, object_id, told in heard if told.problem
    ]
    for row_id, result in applied.results.items():
        found += changes(run, *items[row_id], result, CAUSE)
    store(found)
    run.tally = count(run.tally, "open", applied)
    run.cursor = {**run.cursor, "open": following}
    return go_on(run, "open" if following else "confirm")


def forget_explained(run: SyncRun) -> None:
    """Drop findings whose event has come since: the object was only read before it was told of."""
    began = progress.at(run.cursor["began"]) - ON_ITS_WAY
    told = WebhookEvent.objects.filter(account_id=run.account_id, origin=Origin.DELIVERED, occurred_at__gte=began)
    found = run.findings.filter(kind__in=[FindingKind.ABSENT, FindingKind.DIFFERENT]).exclude(repair="")
    object_ids = set(found.values_list("object_id", flat=True))
    explained = told.filter(object_id__in=object_ids).values_list("object_id", flat=True)
    found.filter(object_id__in=set(explained)).delete()
