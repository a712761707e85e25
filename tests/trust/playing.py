"""One order of events, processed from the first to the last doubt in a transaction that is rolled back."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

IDENTITY = {"id", "public_id", "merchant", "account", "payment", "source_event", "updated_at"}
# Which snapshot a row shows may differ; what it shows may not.
ORDER = {"is_final", "provider_updated_at", "state_rank", "order_event"}
ROUNDS = 8


def play(*, base: str, key: str, order: list[str], piece: int) -> dict[str, Any]:
    """What is here in the end: `state`, the `money` by the processor's ids, and what is still `waiting`."""
    from django.db import transaction

    with transaction.atomic():
        account = connect(base, key)
        deliver(account, [json.loads(body) for body in order], order)
        work(account, piece)
        told = {"state": _state(account), "money": _money(account), "waiting": _waiting(account)}
        transaction.set_rollback(True)
    return told


def connect(base: str, key: str) -> Any:
    """A connection of a merchant of its own."""
    from billing import clock
    from billing.merchants.models import Merchant
    from billing.providers.models import ProviderAccount

    # A name of its own: two orders may be played at the same time.
    merchant = Merchant.objects.create(
        slug=f"orders-{uuid4().hex}", name="Orders", timezone="UTC", default_currency="EUR"
    )
    return ProviderAccount.objects.create(
        merchant=merchant, livemode=False, api_key=key, api_base=base, created_at=clock.now()
    )


def deliver(account: Any, events: list[dict[str, Any]], bodies: list[str]) -> None:
    """Into the inbox."""
    from billing import clock
    from billing.webhooks.models import WebhookEvent

    for event, body in zip(events, bodies, strict=True):
        # A second delivery of what is here already adds nothing, as at the door.
        WebhookEvent.objects.bulk_create(
            [
                WebhookEvent(
                    account=account,
                    merchant_id=account.merchant_id,
                    livemode=False,
                    external_id=event["id"],
                    type=event["type"],
                    object_id=event["data"]["object"].get("id", ""),
                    body=body.encode(),
                    occurred_at=datetime.fromtimestamp(event["created"], UTC),
                    received_at=clock.now(),
                )
            ],
            ignore_conflicts=True,
        )


def work(account: Any, piece: int) -> None:
    """Until nothing is left of events and doubts, so many events at a time."""
    from dataclasses import replace

    from billing.mirror.models import Refetch
    from billing.mirror.refetch import REFETCH
    from billing.queue.run import claim_and_run
    from billing.webhooks.process import INBOX

    pieces = replace(INBOX, batch=piece)
    for _ in range(ROUNDS):
        while claim_and_run(pieces):
            pass
        if not Refetch.objects.filter(account=account).exclude(state="done").update(next_attempt_at=None):
            return
        claim_and_run(REFETCH)


def _state(account: Any) -> str:
    from django.forms.models import model_to_dict

    from billing.payments.models import Payment, PaymentAttempt
    from billing.refunds.models import Refund
    from disputes.models import Dispute, EarlyWarning, Review

    rows = {}
    for model in (Payment, PaymentAttempt, Refund, Dispute, EarlyWarning, Review):
        for row in model._default_manager.filter(account=account):
            shown = model_to_dict(row)
            rows[row.external_id] = {name: shown[name] for name in shown if name not in IDENTITY | ORDER}
    for payment in Payment.objects.filter(account=account):
        lines = payment.activity.filter(source="event")
        rows[payment.external_id]["timeline"] = sorted(
            lines.values_list("type", "occurred_at", "object_id", "charge_id", "status", "amount")
        )
    return json.dumps(rows, default=str, sort_keys=True)


def _money(account: Any) -> dict[str, Any]:
    from billing.payments.models import Payment, PaymentAttempt
    from billing.refunds.models import Refund
    from disputes.models import Dispute

    money: dict[str, Any] = {}
    for row in Payment.objects.filter(account=account):
        money[row.external_id] = [row.provider_status, row.amount]
    for attempt in PaymentAttempt.objects.filter(account=account):
        money[attempt.external_id] = [
            *(attempt.status, attempt.amount, attempt.amount_captured, attempt.amount_refunded)
        ]
    for refund in Refund.objects.filter(account=account):
        money[refund.external_id] = [refund.provider_status, refund.amount]
    for dispute in Dispute.objects.filter(account=account):
        money[dispute.external_id] = [dispute.provider_status, dispute.amount, dispute.amount_withdrawn]
    return money


def _waiting(account: Any) -> str:
    from billing.mirror.models import Refetch
    from billing.webhooks.models import WebhookEvent

    events = WebhookEvent.objects.filter(account=account).exclude(state="done").values_list("type", "state", "error")
    asked = Refetch.objects.filter(account=account).exclude(state="done").values_list("kind", "state", "error")
    return "; ".join(" ".join(each) for each in (*events, *asked))
