"""Payment intents and charges, from any API version, in neutral words."""

from collections.abc import Mapping
from typing import Any

from billing.providers.events import CardDetails, ChargeObserved, IntentObserved, PartyDetails
from billing.providers.stripe.cards import described, described_before_2018
from billing.providers.stripe.fields import (
    currency,
    flag,
    identity,
    metadata,
    minor,
    moment,
    reference,
    section,
    small,
    text,
)

# Within one second only: a decline leads back to requires_payment_method, so ranks alone cannot order an intent.
_INTENT_RANK = {
    "requires_payment_method": 0,
    "requires_confirmation": 10,
    "requires_action": 20,
    "processing": 30,
    "requires_capture": 50,
    "canceled": 90,
    "succeeded": 100,
}
_AFTER_A_DECLINE = 40
_UNKNOWN_INTENT = 45
_FINAL = {"canceled", "succeeded"}
_NAMES_BEFORE_2019 = {"requires_source": "requires_payment_method", "requires_source_action": "requires_action"}

_CHARGE_RANK = {"pending": 0, "failed": 1, "succeeded": 2}
_UNKNOWN_CHARGE = 1
_CAPTURED, _REFUNDED = 3, 4
# Two refunds of one charge within a second differ only in how much is refunded so far.
_RANK_STEP = 10**15


def intent(source: Mapping[str, Any]) -> IntentObserved:
    """A payment intent. Raises UnreadableObject without id, amount or currency."""
    status = text(source, "status", 40)
    status = _NAMES_BEFORE_2019.get(status, status)
    error = section(source, "last_payment_error")
    failed = bool(error) and status == "requires_payment_method"
    code = currency(source)
    received = minor(source, "amount_received", code, 0)
    return IntentObserved(
        external_id=identity(source),
        status=status,
        rank=_AFTER_A_DECLINE if failed else _INTENT_RANK.get(status, _UNKNOWN_INTENT),
        final=status in _FINAL,
        known=status in _INTENT_RANK,
        amount=minor(source, "amount", code),
        amount_received=received if status == "succeeded" else 0,
        currency=code,
        created_at=moment(source, "created"),
        description=text(source, "description"),
        statement_descriptor=text(source, "statement_descriptor", 64),
        customer_id=reference(source, "customer"),
        receipt_email=text(source, "receipt_email", 254),
        cancellation_reason=text(source, "cancellation_reason", 40),
        failed=failed,
        failure_code=text(error, "code", 80),
        decline_code=text(error, "decline_code", 80),
        failure_message=text(error, "message"),
        metadata=metadata(source),
    )


def charge(source: Mapping[str, Any]) -> ChargeObserved:
    """A charge. Raises UnreadableObject without id, amount or currency."""
    status = _charge_status(source)
    succeeded = status == "succeeded"
    captured = succeeded and source.get("captured") is not False
    code = currency(source)
    amount = minor(source, "amount", code)
    kept = minor(source, "amount_captured", code, amount) if captured else 0
    refunded = _refunded(source, code, released=max(amount - kept, 0)) if captured else 0
    outcome = section(source, "outcome")
    booked, intent_id = reference(source, "balance_transaction"), reference(source, "payment_intent")
    return ChargeObserved(
        external_id=identity(source),
        intent_id=intent_id,
        status=status,
        rank=_charge_rank(status, captured, refunded, bool(booked)),
        known=status in _CHARGE_RANK,
        amount=amount,
        amount_captured=kept,
        amount_refunded=refunded,
        captured=captured,
        # An intent says by itself why it ended.
        expired=flag(source, "expired") and succeeded and not captured and not intent_id,
        currency=code,
        created_at=moment(source, "created"),
        description=text(source, "description"),
        statement_descriptor=text(source, "calculated_statement_descriptor", 64)
        or text(source, "statement_descriptor", 64),
        failure_code=text(source, "failure_code", 80),
        decline_code=text(outcome, "reason", 80) if status == "failed" else "",
        failure_message=text(source, "failure_message"),
        outcome_type=text(outcome, "type", 40),
        risk_level=text(outcome, "risk_level", 40),
        risk_score=small(outcome, "risk_score"),
        balance_transaction_id=booked,
        card=_card(source),
        party=_party(source),
        metadata=metadata(source),
    )


def _charge_status(source: Mapping[str, Any]) -> str:
    status = text(source, "status", 40)
    # Until 2015-02-18 it was "paid", and earlier there was only the flag of that name.
    if status == "paid" or (not status and source.get("paid") is True):
        return "succeeded"
    return "failed" if not status and source.get("paid") is False else status


def _refunded(source: Mapping[str, Any], code: str, *, released: int) -> int:
    # What a partial capture lets go of counts as refunded at Stripe, though nobody ever paid it.
    total = minor(source, "amount_refunded", code, 0)
    return total - released if total >= released else total


def _charge_rank(status: str, captured: bool, refunded: int, booked: bool) -> int:
    rank = _CHARGE_RANK.get(status, _UNKNOWN_CHARGE)
    if captured:
        rank = _REFUNDED if refunded else _CAPTURED
    # The balance transaction may come a moment after the charge and never goes again: the smallest step.
    return (rank * _RANK_STEP + refunded) * 2 + booked


def _card(source: Mapping[str, Any]) -> CardDetails:
    details = section(source, "payment_method_details")
    if details:
        return described(details)
    return described_before_2018(section(source, "source") or section(source, "card"))


def _party(source: Mapping[str, Any]) -> PartyDetails:
    billing, paid_from = section(source, "billing_details"), section(source, "source")
    owner = section(paid_from, "owner")
    return PartyDetails(
        name=text(billing, "name", 200) or text(paid_from, "name", 200) or text(owner, "name", 200),
        email=text(billing, "email", 254) or text(source, "receipt_email", 254) or text(owner, "email", 254),
        customer_id=reference(source, "customer"),
    )
