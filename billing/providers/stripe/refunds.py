"""Refunds, from any API version, in neutral words."""

from collections.abc import Mapping
from typing import Any

from billing.providers.base import UnreadableObject
from billing.providers.events import RefundObserved
from billing.providers.stripe.fields import (
    currency,
    identity,
    metadata,
    minor,
    moment,
    payment_of,
    reference,
    section,
    text,
)

# A refund that succeeded can still fail, up to 30 days later; nothing follows a failure or a cancellation.
_RANK = {"pending": 0, "requires_action": 0, "succeeded": 10, "failed": 20, "canceled": 20}
_UNKNOWN = 5
_FINAL = {"failed", "canceled"}


def refund(source: Mapping[str, Any]) -> RefundObserved:
    """A refund. Raises UnreadableObject without id, amount or currency. A refund of a customer's cash balance names
    neither charge nor intent."""
    status = text(source, "status", 40)
    code = currency(source)
    amount = minor(source, "amount", code)
    if not amount:
        raise UnreadableObject("the refund gives nothing back")
    charge_id, intent_id = payment_of(source)
    return RefundObserved(
        external_id=identity(source),
        status=status,
        rank=_RANK.get(status, _UNKNOWN),
        final=status in _FINAL,
        known=status in _RANK,
        charge_id=charge_id,
        intent_id=intent_id,
        amount=amount,
        currency=code,
        reason=text(source, "reason", 40),
        failure_reason=text(source, "failure_reason", 80),
        pending_reason=text(source, "pending_reason", 40),
        arn=_bank_reference(source),
        balance_transaction_id=reference(source, "balance_transaction"),
        failure_balance_transaction_id=reference(source, "failure_balance_transaction"),
        description=text(source, "description"),
        created_at=moment(source, "created"),
        metadata=metadata(source),
    )


def _bank_reference(source: Mapping[str, Any]) -> str:
    destination = section(source, "destination_details")
    return text(section(destination, text(destination, "type", 40)), "reference", 80)
