"""The inbox's effect, written the straightforward way: one event, one transaction, the ORM's own verbs."""

import json
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from billing import clock
from billing.outbox.models import OutboxEvent
from billing.payments.models import DailyFigures, Payment, PaymentActivity, PaymentAttempt, PaymentStatus
from billing.webhooks.models import WebhookAttempt, WebhookEvent

SUCCEEDED = {PaymentStatus.SUCCEEDED, PaymentStatus.PARTIALLY_REFUNDED, PaymentStatus.REFUNDED}


def process_one(event: WebhookEvent) -> None:
    """Apply one event and mark it done."""
    target = json.loads(bytes(event.body))["data"]["object"]
    with transaction.atomic():
        payment = Payment.objects.select_for_update(of=("self",)).filter(**identity(event, target)).first()
        before = contribution(payment)
        if target["object"] == "payment_intent":
            payment = apply_intent(event, target)
            attempt = None
        else:
            payment, attempt = apply_charge(event, target)
        follow(payment)
        sum_up(payment, before)
        PaymentActivity.objects.update_or_create(
            event=event,
            defaults={
                "payment": payment,
                "charge_id": attempt.external_id if attempt else "",
                "type": event.type,
                "occurred_at": event.occurred_at,
                "status": target["status"],
                "amount": target["amount"],
                "currency": payment.currency,
            },
        )
        tell(payment)
        finish(event)


def identity(event: WebhookEvent, target: dict[str, Any]) -> dict[str, Any]:
    return {"account": event.account, "external_id": target.get("payment_intent") or target["id"]}


def apply_intent(event: WebhookEvent, target: dict[str, Any]) -> Payment:
    payment, _ = Payment.objects.update_or_create(
        **identity(event, target),
        defaults={
            "merchant": event.merchant,
            "livemode": event.livemode,
            "amount": target["amount"],
            "currency": target["currency"].upper(),
            "provider_status": target["status"],
            "intent": target,
            "description": target["description"] or "",
            "customer_external_id": target["customer"] or "",
            "customer_email": target["receipt_email"] or "",
            "metadata": target["metadata"],
            "reference": target["metadata"].get("order_id", ""),
            "created_at": moment(target["created"]),
            "provider_updated_at": event.occurred_at,
            "updated_at": clock.now(),
        },
    )
    return payment


def apply_charge(event: WebhookEvent, target: dict[str, Any]) -> tuple[Payment, PaymentAttempt]:
    card = target["payment_method_details"]["card"]
    party = target["billing_details"]
    snapshot = {
        "method_type": "card",
        "brand": card["brand"],
        "last4": card["last4"],
        "exp_month": card["exp_month"],
        "exp_year": card["exp_year"],
        "card_country": card["country"],
        "fingerprint": card["fingerprint"],
        "customer_name": party["name"],
        "customer_email": party["email"],
        "risk_level": target["outcome"]["risk_level"],
        "risk_score": target["outcome"]["risk_score"],
    }
    payment, _ = Payment.objects.update_or_create(
        **identity(event, target),
        defaults={
            **snapshot,
            "external_charge_id": target["id"],
            "merchant": event.merchant,
            "livemode": event.livemode,
            "amount": target["amount"],
            "currency": target["currency"].upper(),
            "created_at": moment(target["created"]),
            "updated_at": clock.now(),
        },
    )
    attempt, _ = PaymentAttempt.objects.update_or_create(
        account=event.account,
        external_id=target["id"],
        defaults={
            **snapshot,
            "payment": payment,
            "intent_id": target["payment_intent"],
            "status": target["status"],
            "amount": target["amount"],
            "currency": target["currency"].upper(),
            "amount_captured": target["amount_captured"],
            "amount_refunded": target["amount_refunded"],
            "captured": target["captured"],
            "description": target["description"] or "",
            "metadata": target["metadata"],
            "failure_code": target["failure_code"] or "",
            "failure_message": target["failure_message"] or "",
            "outcome_type": target["outcome"]["type"],
            "created_at": moment(target["created"]),
            "provider_updated_at": event.occurred_at,
        },
    )
    return payment, attempt


def follow(payment: Payment) -> None:
    """The columns that follow from all attempts."""
    attempts = list(payment.attempts.all())
    payment.amount_captured = sum(attempt.amount_captured for attempt in attempts)
    payment.amount_refunded = sum(attempt.amount_refunded for attempt in attempts)
    if payment.amount_refunded:
        whole = payment.amount_refunded >= payment.amount_captured
        payment.status = PaymentStatus.REFUNDED if whole else PaymentStatus.PARTIALLY_REFUNDED
    elif payment.amount_captured:
        payment.status = PaymentStatus.SUCCEEDED
    elif any(attempt.status == "failed" for attempt in attempts):
        payment.status = PaymentStatus.FAILED
    payment.save(update_fields=["amount_captured", "amount_refunded", "status"])


def contribution(payment: Payment | None) -> dict[str, int]:
    if payment is None:
        return {"payments": 0, "succeeded": 0, "failed": 0, "amount_captured": 0, "amount_refunded": 0}
    return {
        "payments": 1,
        "succeeded": int(payment.status in SUCCEEDED),
        "failed": int(payment.status == PaymentStatus.FAILED),
        "amount_captured": payment.amount_captured,
        "amount_refunded": payment.amount_refunded,
    }


def sum_up(payment: Payment, before: dict[str, int]) -> None:
    after = contribution(payment)
    more = {name: after[name] - before[name] for name in after}
    DailyFigures.objects.update_or_create(
        merchant=payment.merchant,
        livemode=payment.livemode,
        currency=payment.currency,
        day=payment.created_at.astimezone(payment.merchant.zone).date(),
        defaults={name: F(name) + value for name, value in more.items()},
        create_defaults=more,
    )


def tell(payment: Payment) -> None:
    OutboxEvent.objects.create(
        type="payment.changed",
        merchant_id=payment.merchant_id,
        livemode=payment.livemode,
        object_id=payment.public_id,
        created_at=clock.now(),
    )


def finish(event: WebhookEvent) -> None:
    WebhookAttempt.objects.create(
        event=event, number=1, started_at=clock.now(), duration_ms=0, result="changed", worker="benchmark"
    )
    event.state, event.outcome, event.attempts, event.processed_at = "done", "changed", 1, clock.now()
    event.save(update_fields=["state", "outcome", "attempts", "processed_at"])


def moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
