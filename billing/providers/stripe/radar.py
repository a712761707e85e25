"""Early fraud warnings and reviews, from any API version, in neutral words."""

from collections.abc import Mapping
from typing import Any

from billing.providers.base import UnreadableObject
from billing.providers.events import ReviewObserved, WarningObserved
from billing.providers.stripe.fields import flag, identity, moment, payment_of, section, text

_CLOSED = 10


def warning(source: Mapping[str, Any]) -> WarningObserved:
    """An early fraud warning. Raises UnreadableObject without id or when it is about no payment."""
    charge_id, intent_id = _payment(source)
    actionable = flag(source, "actionable")
    return WarningObserved(
        external_id=identity(source),
        # It stops being actionable (a dispute, a full refund) and never becomes so again.
        rank=int(not actionable),
        charge_id=charge_id,
        intent_id=intent_id,
        fraud_type=text(source, "fraud_type", 80),
        actionable=actionable,
        created_at=moment(source, "created"),
    )


def review(source: Mapping[str, Any]) -> ReviewObserved:
    """A review. Raises UnreadableObject without id, when it is about no payment, or does not say whether it is open."""
    charge_id, intent_id = _payment(source)
    is_open = source.get("open")
    if not isinstance(is_open, bool):
        raise UnreadableObject("the review does not say whether it is open")
    reason = text(source, "reason", 40)
    return ReviewObserved(
        external_id=identity(source),
        rank=0 if is_open else _CLOSED,
        final=not is_open,
        charge_id=charge_id,
        intent_id=intent_id,
        is_open=is_open,
        reason=reason,
        # Before these two had fields of their own, ``reason`` was why it is open, and once closed why it was closed.
        opened_reason=text(source, "opened_reason", 40) or (reason if is_open else ""),
        closed_reason=text(source, "closed_reason", 40)
        or (reason if not is_open and "closed_reason" not in source else ""),
        ip_address=text(source, "ip_address", 45),
        ip_country=text(section(source, "ip_address_location"), "country", 2),
        billing_zip=text(source, "billing_zip", 32),
        created_at=moment(source, "created"),
    )


def _payment(source: Mapping[str, Any]) -> tuple[str, str]:
    charge_id, intent_id = payment_of(source)
    if not charge_id and not intent_id:
        raise UnreadableObject("the object names no payment")
    return charge_id, intent_id
