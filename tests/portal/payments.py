"""Payments for tests of pages: told by signed events, or written straight into the table where many are needed."""

import itertools
from datetime import datetime
from typing import Any

from billing import clock
from billing.figures.keep import Differences, count
from billing.merchants.models import Merchant
from billing.payments.figures import PAYMENTS
from billing.payments.models import Payment
from billing.providers.models import ProviderAccount
from billing.webhooks.models import WebhookEvent
from tests.billing.deliveries import T0, charge, deliver_all, event, intent

_numbers = itertools.count(1)


def pay(account: ProviderAccount, *, reference: str = "", at: int = T0, **fields: Any) -> Payment:
    """A payment that succeeded at once; ``fields`` are those of its charge."""
    number = next(_numbers)
    pi, ch = f"pi_page{number}", f"ch_page{number}"
    metadata = {"order_id": reference} if reference else {}
    amount = fields.get("amount", 2000)
    money = {"amount": amount, "currency": fields.get("currency", "eur"), "metadata": metadata}
    whole = {"livemode": account.livemode}
    sent = charge(id=ch, payment_intent=pi, created=at, amount_captured=amount, **{**money, **fields})
    deliver_all(
        account,
        [
            event("payment_intent.created", intent(id=pi, created=at, **money), at=at, **whole),
            event("charge.succeeded", sent, at=at, **whole),
            event(
                "payment_intent.succeeded",
                intent(id=pi, created=at, status="succeeded", amount_received=amount, **money),
                at=at,
                **whole,
            ),
        ],
    )
    return Payment.objects.get(account=account, external_id=pi)


def authorise(account: ProviderAccount, *, reference: str = "", at: int = T0, **fields: Any) -> Payment:
    """A payment that is held and waits to be captured; ``fields`` are those of its charge."""
    number = next(_numbers)
    pi, ch = f"pi_page{number}", f"ch_page{number}"
    metadata = {"order_id": reference} if reference else {}
    amount = fields.get("amount", 2500)
    money = {"amount": amount, "currency": fields.get("currency", "eur"), "metadata": metadata}
    whole = {"livemode": account.livemode}
    held = {"captured": False, "amount_captured": 0, "created": at, **money, **fields}
    asks = intent(id=pi, created=at, status="requires_capture", **money)
    deliver_all(
        account,
        [
            event("payment_intent.created", intent(id=pi, created=at, **money), at=at, **whole),
            event("charge.succeeded", charge(id=ch, payment_intent=pi, **held), at=at, **whole),
            event("payment_intent.amount_capturable_updated", asks, at=at, **whole),
        ],
    )
    return Payment.objects.get(account=account, external_id=pi)


def decline(account: ProviderAccount, *, code: str = "insufficient_funds", **fields: Any) -> Payment:
    """A payment whose only attempt was declined."""
    number = next(_numbers)
    pi, ch = f"pi_page{number}", f"ch_page{number}"
    failed = charge(
        id=ch,
        payment_intent=pi,
        status="failed",
        paid=False,
        captured=False,
        amount_captured=0,
        failure_code="card_declined",
        failure_message="Your card was declined.",
        outcome={"type": "issuer_declined", "reason": code, "risk_level": "normal", "risk_score": 9},
        **fields,
    )
    error = {"code": "card_declined", "decline_code": code, "message": "Your card was declined.", "charge": ch}
    deliver_all(
        account,
        [
            event("payment_intent.created", intent(id=pi)),
            event("charge.failed", failed, at=T0 + 1),
            event("payment_intent.payment_failed", intent(id=pi, last_payment_error=error), at=T0 + 1),
        ],
    )
    return Payment.objects.get(account=account, external_id=pi)


def write_payments(account: ProviderAccount, rows: list[dict[str, Any]]) -> list[Payment]:
    """Rows without events, with the figures that they add up to, for lists with more than is worth telling."""
    made, figures = [], Differences()
    for fields in rows:
        number = next(_numbers)
        values: dict[str, Any] = {
            "merchant": account.merchant,
            "account": account,
            "livemode": account.livemode,
            "external_id": f"pi_row{number}",
            "amount": 1000,
            "currency": "EUR",
            "status": "succeeded",
            "created_at": clock.now(),
            "updated_at": clock.now(),
        }
        made.append(Payment(**{**values, **fields}))
    for payment in made:
        figures.change(account.merchant, payment.livemode, PAYMENTS, before=None, after=count(payment, PAYMENTS))
    figures.save()
    return Payment.objects.bulk_create(made)


def heavy(number: int) -> dict[str, Any]:
    """Fields of a row that says as much as a merchant may write."""
    return {
        # As long as the processor's own.
        "external_id": f"pi_{number:024}",
        "reference": f"AO-{number}",
        "description": "Trekking poles, carbon. " * 20,
        "customer_name": "Ida Lindqvist",
        "customer_email": f"ida.{number}@example.com",
        "customer_external_id": f"cus_{number}",
        "metadata": {f"key_{key}": "a long value" * 8 for key in range(50)},
        "card_country": "DE",
        "last4": "4242",
        "brand": "visa",
        "amount_refunded": 10,
    }


def newest_event(account: ProviderAccount) -> WebhookEvent:
    return WebhookEvent.objects.filter(account=account).latest("pk")


def address(merchant: Merchant, rest: str = "transactions/", mode: str = "test") -> str:
    return f"/m/{merchant.slug}/{mode}/{rest}"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text)
