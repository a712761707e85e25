"""A payment's columns as a function of its intent's snapshot and of all its attempts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from billing.payments.models import Payment, PaymentAttempt, PaymentStatus

_IN_PROGRESS = {"requires_payment_method", "requires_confirmation", "requires_action", "processing"}
_KNOWN = _IN_PROGRESS | {"requires_capture", "succeeded", "canceled"}
_EXPIRED_REASONS = {"expired", "automatic"}
_REFERENCES = ("order_id", "order", "order_number", "reference", "invoice_number")
_CARD = ("method_type", "brand", "last4", "exp_month", "exp_year", "card_country", "fingerprint", "wallet")
_TOLD_BY_ATTEMPT = ("risk_score", "risk_level", "customer_name")


def derive(payment: Payment, attempts: Sequence[PaymentAttempt]) -> None:
    """Set everything that follows from the snapshots. ``attempts`` are all attempts of the payment, in any order."""
    intent: dict[str, Any] = payment.intent
    ordered = sorted(attempts, key=lambda attempt: (attempt.created_at, attempt.external_id))
    last = ordered[-1] if ordered else None
    succeeded = [attempt for attempt in ordered if attempt.status == "succeeded"]
    telling = succeeded[-1] if succeeded else last

    payment.created_at = datetime.fromisoformat(intent["created_at"]) if intent else ordered[0].created_at
    payment.amount_captured = sum(attempt.amount_captured for attempt in succeeded)
    if not payment.amount_captured and payment.provider_status == "succeeded":
        # The intent may arrive before its charge; the charge then confirms the same amount.
        payment.amount_captured = intent["amount_received"]
    payment.amount_refunded = _refunded(payment, succeeded)
    payment.status = _status(payment, ordered)
    _describe(payment, intent, telling)
    _fail(payment, intent, last)


def _refunded(payment: Payment, succeeded: Sequence[PaymentAttempt]) -> int:
    """What the charges say and what the refunds sum up to is the same once all of it is here. Until then the greater:
    what went back must never look as if it could be refunded again."""
    told = sum(attempt.amount_refunded for attempt in succeeded)
    # What a partial capture lets go of is a refund at the processor, though nobody ever paid it.
    # A capture of more than was authorised lets go of nothing.
    released = sum(max(attempt.amount - attempt.amount_captured, 0) for attempt in succeeded if attempt.captured)
    summed = payment.refunds_total - released if payment.refunds_total >= released else payment.refunds_total
    return max(told, min(summed, payment.amount_captured))


def _status(payment: Payment, attempts: Sequence[PaymentAttempt]) -> PaymentStatus:
    if payment.open_chargebacks:
        return PaymentStatus.DISPUTED
    if payment.amount_lost > 0:
        return PaymentStatus.CHARGED_BACK
    if payment.amount_captured:
        return _paid(payment)
    return _unpaid(payment, attempts)


def _unpaid(payment: Payment, attempts: Sequence[PaymentAttempt]) -> PaymentStatus:
    intent_status = payment.provider_status
    last = attempts[-1] if attempts else None
    if intent_status == "canceled":
        expired = payment.intent["cancellation_reason"] in _EXPIRED_REASONS
        return PaymentStatus.EXPIRED if expired else PaymentStatus.CANCELLED
    held = [attempt for attempt in attempts if attempt.status == "succeeded"]
    if not intent_status and held and (ended := _ended(payment, held)):
        return ended
    if intent_status == "requires_capture" or held:
        return PaymentStatus.HELD if payment.open_reviews else PaymentStatus.AUTHORISED
    if intent_status and intent_status not in _KNOWN:
        return PaymentStatus.UNKNOWN
    if intent_status in ("", "requires_payment_method"):
        if last is not None and last.status == "failed":
            return PaymentStatus.BLOCKED if last.outcome_type == "blocked" else PaymentStatus.FAILED
        if intent_status and payment.intent["failed"]:
            return PaymentStatus.FAILED
    if not intent_status and last is not None and last.status != "pending":
        return PaymentStatus.UNKNOWN
    return PaymentStatus.IN_PROGRESS


def _ended(payment: Payment, held: Sequence[PaymentAttempt]) -> PaymentStatus | None:
    """What became of what charges without an intent authorised. Its release is a refund of all of it, of which a
    charge that was not captured says nothing here."""
    if all(attempt.expired for attempt in held):
        return PaymentStatus.EXPIRED
    is_released = payment.refunds_total >= sum(attempt.amount for attempt in held)
    return PaymentStatus.CANCELLED if is_released else None


def _paid(payment: Payment) -> PaymentStatus:
    if payment.amount_refunded:
        whole = payment.amount_refunded >= payment.amount_captured
        return PaymentStatus.REFUNDED if whole else PaymentStatus.PARTIALLY_REFUNDED
    return PaymentStatus.HELD if payment.open_reviews else PaymentStatus.SUCCEEDED


def _describe(payment: Payment, intent: dict[str, Any], told: PaymentAttempt | None) -> None:
    # Blank without an attempt: nothing may stay of one that moved to another payment.
    telling = told or PaymentAttempt()
    for name in _CARD + _TOLD_BY_ATTEMPT:
        setattr(payment, name, getattr(telling, name))
    payment.external_charge_id = telling.external_id
    payment.amount = intent["amount"] if intent else telling.amount
    payment.currency = intent["currency"] if intent else telling.currency
    payment.description = intent.get("description") or telling.description
    payment.statement_descriptor = telling.statement_descriptor or intent.get("statement_descriptor", "")
    payment.customer_email = telling.customer_email or intent.get("receipt_email", "")
    payment.customer_external_id = intent.get("customer_id") or telling.customer_external_id
    payment.metadata = intent.get("metadata") or telling.metadata
    payment.reference = next((payment.metadata[name][:200] for name in _REFERENCES if payment.metadata.get(name)), "")


def _fail(payment: Payment, intent: dict[str, Any], last: PaymentAttempt | None) -> None:
    failed = payment.status in (PaymentStatus.FAILED, PaymentStatus.BLOCKED)
    from_attempt = failed and last is not None and last.status == "failed" and not _failed_without_charge(intent, last)
    for name in ("failure_code", "decline_code", "failure_message"):
        value = getattr(last, name) if from_attempt else intent.get(name, "") if failed else ""
        setattr(payment, name, value)


def _failed_without_charge(intent: dict[str, Any], last: PaymentAttempt) -> bool:
    """Whether something else failed after the last attempt, such as an authentication: only the intent tells of it. An
    error that is the attempt's has the attempt's code."""
    return bool(intent and intent["failed"] and intent["failure_code"] not in ("", last.failure_code))
