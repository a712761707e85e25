"""Events that were kept take effect, each once: the inbox's work on the queue engine."""

import os
import socket
import time
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import connection
from django.db.models import Max
from django.db.models.functions import Coalesce

from billing import clock
from billing.arrays import arrays
from billing.outbox.publish import Fact, publish
from billing.providers.base import UnreadableObject
from billing.providers.models import ProviderAccount
from billing.providers.registry import adapter
from billing.queue.registry import Dead, Done, Failure, Parked, Queue, Verdict
from billing.webhooks.handlers import Inbound, Result, dispatch
from billing.webhooks.models import Outcome, WebhookAttempt, WebhookEvent
from billing.webhooks.put_right import put_right

_RECORD = """
INSERT INTO webhook_attempt
       (event_id, number, started_at, duration_ms, result, message, traceback, worker, asked_by, effects)
SELECT event_id, 1 + coalesce((SELECT max(number) FROM webhook_attempt AS run WHERE run.event_id = tried.event_id), 0),
       %s, %s, result, message, '', %s, asked_by, effects
  FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::jsonb[])
    AS tried (event_id, result, message, asked_by, effects)
"""


def process(events: Sequence[WebhookEvent]) -> Mapping[int, Verdict]:
    """Translate events, hand them to their handlers in batches, and record this attempt. Runs in a transaction."""
    started_at, clock_before = clock.now(), time.monotonic()
    accounts = ProviderAccount.objects.select_related("merchant").in_bulk({event.account_id for event in events})
    results, readable = {}, []
    for event in events:
        try:
            inbound = _translate(event, accounts[event.account_id])
        except UnreadableObject as unreadable:
            results[event.pk] = Result(Outcome.DEAD, message=f"UnreadableObject: {unreadable}")
            continue
        results[event.pk] = Result(Outcome.IGNORED)
        if inbound is not None:
            readable.append(inbound)
    results.update(dispatch(readable))
    put_right(events, accounts)
    took = round((time.monotonic() - clock_before) * 1000 / len(events))
    _record(events, results, started_at=started_at, duration_ms=took)
    dead = [event for event in events if results[event.pk].outcome is Outcome.DEAD]
    publish(Fact("webhook.dead", event.merchant_id, event.livemode, event.public_id) for event in dead)
    return {row_id: _verdict(result) for row_id, result in results.items()}


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


def _verdict(result: Result) -> Verdict:
    if result.outcome is Outcome.PARKED:
        return Parked(_message(result), {"waits_for": result.waits_for})
    if result.outcome is Outcome.DEAD:
        # What an object lacks today it lacks tomorrow. Once this version reads more, it can be replayed.
        return Dead(result.message)
    return Done({"outcome": result.outcome.value})


def _message(result: Result) -> str:
    if result.outcome is Outcome.PARKED:
        return f"{result.waits_for or 'the object that it belongs to'} is not here yet"
    return result.message


def _record(
    events: Sequence[WebhookEvent], results: Mapping[int, Result], *, started_at: datetime, duration_ms: int
) -> None:
    told = [results[event.pk] for event in events]
    rows = (
        (event.pk, result.outcome.value, _message(result), event.replayed_by, _effects(result))
        for event, result in zip(events, told, strict=True)
    )
    with connection.cursor() as cursor:
        cursor.execute(_RECORD, [started_at, duration_ms, _worker(), *arrays(rows)])


def _effects(result: Result) -> str:
    # Written by hand: most events have one effect, and ids need no escaping.
    return "[" + ",".join(f'["{each.what}","{each.kind}","{each.public_id}"]' for each in result.effects) + "]"


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


INBOX = Queue("inbox", WebhookEvent, "received_at", process, batch=700, failed=record_failure)
