"""Capturing and cancelling as the pages do it: addresses, what a browser sends, and what is told by the processor."""

import uuid
from typing import Any

from django.http import HttpResponse
from django.test import Client

from billing.commands.models import MoneyCommand
from billing.money import Money
from billing.payments.cancel import CancelReason, request_cancel
from billing.payments.capture import request_capture
from billing.payments.models import Payment
from tests.billing.deliveries import T0, charge, deliver_all, event, intent
from tests.portal.payments import address
from tests.portal.requests import nadia


def page_of(payment: Payment, rest: str = "", mode: str = "test") -> str:
    return address(payment.merchant, f"transactions/{payment.public_id}/{rest}", mode)


def typed(payment: Payment, action: str = "capture", **fields: Any) -> dict[str, Any]:
    """What a browser sends of a form that was filled in: a capture of 20.00, or a cancellation."""
    own = {"how": "part", "amount": "20.00"} if action == "capture" else {"reason": "duplicate"}
    return {**own, "note": "", "seen_left": payment.amount, "form_key": str(uuid.uuid4()), **fields}


def review(client: Client, payment: Payment, action: str = "capture", **fields: Any) -> HttpResponse:
    return client.post(page_of(payment, f"{action}/review/"), typed(payment, action, **fields))


def issue(client: Client, payment: Payment, action: str = "capture", **fields: Any) -> HttpResponse:
    return client.post(page_of(payment, f"{action}/"), typed(payment, action, **fields))


def ask(payment: Payment, action: str = "capture", minor: int = 2000, note: str = "Two boxes.") -> MoneyCommand:
    """A request as the form leaves it."""
    given = {"payment": payment, "seen_held": payment.amount, "form_key": str(uuid.uuid4()), "note": note}
    given["by"] = nadia(payment.merchant)
    if action == "cancel":
        return request_cancel(reason=CancelReason.DUPLICATE, **given)
    return request_capture(money=Money(minor, payment.currency), **given)


def tell_captured(payment: Payment, minor: int, *, at: int = T0 + 300) -> None:
    """The processor's events about a capture, whoever asked for it."""
    facts = {"amount": payment.amount, "currency": payment.currency.lower()}
    done = charge(id=payment.external_charge_id, payment_intent=payment.external_id, amount_captured=minor, **facts)
    released = {"amount_refunded": payment.amount - minor, "created": T0}
    ended = intent(id=payment.external_id, status="succeeded", amount_received=minor, **facts)
    deliver_all(
        payment.account,
        [
            event("charge.captured", {**done, **released}, at=at, livemode=payment.livemode),
            event("payment_intent.succeeded", ended, at=at, livemode=payment.livemode),
        ],
    )
    payment.refresh_from_db()


def tell_ended(payment: Payment, *, why: str = "requested_by_customer", at: int = T0 + 300) -> None:
    """The authorisation was cancelled, or has expired for ``automatic``."""
    facts = {"amount": payment.amount, "currency": payment.currency.lower()}
    ended = intent(id=payment.external_id, status="canceled", cancellation_reason=why, **facts)
    deliver_all(payment.account, [event("payment_intent.canceled", ended, at=at, livemode=payment.livemode)])
    payment.refresh_from_db()
