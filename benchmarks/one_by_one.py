"""The inbox's effect, written the straightforward way: one event, one transaction, the ORM's own verbs."""

import json
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Sum

from billing import clock
from billing.customers.handlers import CUSTOMERS, METHODS
from billing.figures.models import DailyFigures
from billing.ids import new_id
from billing.invoices.handlers import INVOICES
from billing.outbox.models import OutboxEvent
from billing.payments.models import Payment, PaymentActivity, PaymentAttempt, PaymentStatus
from billing.payouts.handlers import PAYOUTS
from billing.providers import events
from billing.providers.registry import adapter
from billing.refunds.handlers import REFUNDS
from billing.webhooks.models import WebhookAttempt, WebhookEvent
from disputes.chargebacks.handlers import DISPUTES
from disputes.reviews.handlers import REVIEWS
from disputes.warnings.handlers import WARNINGS

SHAPES: dict[type, Any] = {
    events.CustomerObserved: CUSTOMERS,
    events.PaymentMethodObserved: METHODS,
    events.RefundObserved: REFUNDS,
    events.DisputeObserved: DISPUTES,
    events.WarningObserved: WARNINGS,
    events.ReviewObserved: REVIEWS,
    events.PayoutObserved: PAYOUTS,
    events.InvoiceObserved: INVOICES,
}
SUCCEEDED = {PaymentStatus.SUCCEEDED, PaymentStatus.PARTIALLY_REFUNDED, PaymentStatus.REFUNDED}


def process_one(event: WebhookEvent) -> None:
    """Apply one event and mark it done."""
    payload = json.loads(bytes(event.body))
    target = payload["data"]["object"]
    if target["object"] not in ("payment_intent", "charge"):
        process_other(event, payload)
        return
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


def process_other(event: WebhookEvent, payload: dict[str, Any]) -> None:
    """Any other object: its row, the sums of its payment, a line of the timeline."""
    neutral = adapter("stripe").translate(payload)
    with transaction.atomic():
        shape = SHAPES.get(type(neutral))
        if shape is not None:
            values = {**shape.values(neutral), "provider_updated_at": event.occurred_at, "updated_at": clock.now()}
            payment = payment_of(event, neutral)
            if payment is not None:
                values["payment"] = payment
            row, _ = shape.model.objects.update_or_create(
                account=event.account,
                external_id=neutral.external_id,
                defaults=values,
                create_defaults={
                    "created_at": event.occurred_at,
                    **values,
                    "public_id": new_id(shape.model.PREFIX),
                    "merchant": event.merchant,
                    "livemode": event.livemode,
                },
            )
            if payment is not None:
                tell_of_child(event, neutral, payment)
            OutboxEvent.objects.create(
                type=f"{shape.kind}.changed",
                merchant_id=event.merchant_id,
                livemode=event.livemode,
                object_id=row.public_id,
                created_at=clock.now(),
            )
        finish(event)


def payment_of(event: WebhookEvent, neutral: Any) -> Payment | None:
    charge_id = getattr(neutral, "charge_id", "")
    if not charge_id:
        return None
    attempt = PaymentAttempt.objects.get(account=event.account, external_id=charge_id)
    return Payment.objects.select_for_update(of=("self",)).get(pk=attempt.payment_id)


def tell_of_child(event: WebhookEvent, neutral: Any, payment: Payment) -> None:
    payment.refunds_total = payment.refunds.exclude(provider_status="failed").aggregate(s=Sum("amount"))["s"] or 0
    payment.open_chargebacks = payment.disputes.filter(provider_status="needs_response").count()
    payment.save(update_fields=["refunds_total", "open_chargebacks"])
    PaymentActivity.objects.create(
        event=event,
        payment=payment,
        charge_id=neutral.charge_id,
        object_id=neutral.external_id,
        type=event.type,
        occurred_at=event.occurred_at,
    )


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
    card = target["payment_method_details"].get("card") or {}
    party = target["billing_details"]
    snapshot = {
        "method_type": target["payment_method_details"]["type"],
        "brand": card.get("brand") or "",
        "last4": card.get("last4") or "",
        "exp_month": card.get("exp_month"),
        "exp_year": card.get("exp_year"),
        "card_country": card.get("country") or "",
        "fingerprint": card.get("fingerprint") or "",
        "customer_name": party["name"] or "",
        "customer_email": party["email"] or "",
        "risk_level": (target["outcome"] or {}).get("risk_level") or "",
        "risk_score": (target["outcome"] or {}).get("risk_score"),
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
            "intent_id": target["payment_intent"] or "",
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
            "outcome_type": (target["outcome"] or {}).get("type") or "",
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
