"""Events that were kept take effect, each once: the inbox's work on the queue engine."""

import os
import socket
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import connection
from django.db.models import Max
from django.db.models.functions import Coalesce

from billing import clock
from billing.outbox.publish import Fact, publish
from billing.providers.models import ProviderAccount
from billing.providers.registry import adapter
from billing.queue.registry import Done, Failure, Parked, Queue, Verdict
from billing.webhooks import handlers
from billing.webhooks.handlers import Handle, Inbound
from billing.webhooks.models import Outcome, WebhookAttempt, WebhookEvent

_RECORD = """
INSERT INTO webhook_attempt
       (event_id, number, started_at, duration_ms, result, message, traceback, worker, asked_by)
SELECT event_id, 1 + coalesce((SELECT max(number) FROM webhook_attempt AS run WHERE run.event_id = tried.event_id), 0),
       %s, %s, result, '', '', %s, asked_by
  FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS tried (event_id, result, asked_by)
"""


def process(events: Sequence[WebhookEvent]) -> Mapping[int, Verdict]:
    """Translate events, hand them to their handlers in batches, and record this attempt. Runs in a transaction."""
    started_at, clock_before = clock.now(), time.monotonic()
    accounts = ProviderAccount.objects.select_related("merchant").in_bulk({event.account_id for event in events})
    outcomes: dict[int, Outcome] = {}
    batches: dict[Handle, list[Inbound]] = defaultdict(list)
    for event in events:
        inbound = _translate(event, accounts[event.account_id])
        handle = handlers.of(inbound.event) if inbound else None
        if inbound is None or handle is None:
            outcomes[event.pk] = Outcome.IGNORED
        else:
            batches[handle].append(inbound)
    for handle, batch in batches.items():
        outcomes.update(handle(batch))
    took = round((time.monotonic() - clock_before) * 1000 / len(events))
    _record(events, outcomes, started_at=started_at, duration_ms=took)
    return {row_id: _verdict(outcome) for row_id, outcome in outcomes.items()}


def _translate(event: WebhookEvent, account: ProviderAccount) -> Inbound | None:
    neutral = adapter(account.provider).translate(event.payload)
    if neutral is None:
        return None
    return Inbound(
        row_id=event.pk,
        external_id=event.external_id,
        account_id=account.pk,
        merchant=account.merchant,
        livemode=event.livemode,
        type=event.type,
        occurred_at=event.occurred_at,
        event=neutral,
    )


def _verdict(outcome: Outcome) -> Verdict:
    if outcome is Outcome.PARKED:
        return Parked("the object that it belongs to is not here yet")
    return Done({"outcome": outcome.value})


def _record(
    events: Sequence[WebhookEvent], outcomes: Mapping[int, Outcome], *, started_at: datetime, duration_ms: int
) -> None:
    ids = [event.pk for event in events]
    results = [outcomes[event.pk].value for event in events]
    replayers = [event.replayed_by for event in events]
    with connection.cursor() as cursor:
        cursor.execute(_RECORD, [started_at, duration_ms, _worker(), ids, results, replayers])


def record_failure(failure: Failure) -> None:
    """Keep what went wrong in one attempt. Runs in the transaction that puts the event back."""
    event = WebhookEvent.objects.only("public_id", "merchant_id", "livemode", "replayed_by").get(pk=failure.row_id)
    WebhookAttempt.objects.create(
        event=event,
        number=event.runs.aggregate(next=Coalesce(Max("number"), 0) + 1)["next"],
        started_at=clock.now(),
        duration_ms=0,
        result=Outcome.DEAD if failure.dead else Outcome.FAILED,
        message=failure.error,
        traceback=failure.traceback,
        worker=_worker(),
        asked_by=event.replayed_by,
    )
    if failure.dead:
        publish([Fact("webhook.dead", event.merchant_id, event.livemode, event.public_id)])


def _worker() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


INBOX = Queue("inbox", WebhookEvent, "received_at", process, batch=250, failed=record_failure)
