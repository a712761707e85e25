"""Events that were kept take effect, each once: the inbox's work on the queue engine."""

import os
import socket
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.models import Max

from billing import clock
from billing.outbox.publish import Fact, publish
from billing.providers.models import ProviderAccount
from billing.providers.registry import adapter
from billing.queue.registry import Done, Failure, Parked, Queue, Verdict
from billing.webhooks import handlers
from billing.webhooks.handlers import Handle, Inbound
from billing.webhooks.models import Outcome, WebhookAttempt, WebhookEvent


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
    numbers = _last_numbers(list(outcomes))
    WebhookAttempt.objects.bulk_create(
        WebhookAttempt(
            event_id=event.pk,
            number=numbers.get(event.pk, 0) + 1,
            started_at=started_at,
            duration_ms=duration_ms,
            result=outcomes[event.pk],
            worker=_worker(),
            asked_by=event.replayed_by,
        )
        for event in events
    )


def record_failure(failure: Failure) -> None:
    """Keep what went wrong in one attempt. Runs in the transaction that puts the event back."""
    WebhookAttempt.objects.create(
        event_id=failure.row_id,
        number=_last_numbers([failure.row_id]).get(failure.row_id, 0) + 1,
        started_at=clock.now(),
        duration_ms=0,
        result=Outcome.DEAD if failure.dead else Outcome.FAILED,
        message=failure.error,
        traceback=failure.traceback,
        worker=_worker(),
    )
    if failure.dead:
        event = WebhookEvent.objects.get(pk=failure.row_id)
        publish([Fact("webhook.dead", event.merchant_id, event.livemode, event.public_id)])


def _last_numbers(row_ids: Sequence[int]) -> dict[int, int]:
    counted = WebhookAttempt.objects.filter(event_id__in=row_ids).values_list("event_id")
    return dict(counted.annotate(last=Max("number")))


def _worker() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


INBOX = Queue("inbox", WebhookEvent, "received_at", process, batch=100, failed=record_failure)
