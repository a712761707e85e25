"""Every model of this app, where Django looks for them."""

from billing.audit.models import AuditEvent
from billing.idempotency.models import IdempotencyKey
from billing.merchants.models import Membership, Merchant

__all__ = [
    "AuditEvent",
    "IdempotencyKey",
    "Membership",
    "Merchant",
]
