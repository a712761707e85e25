"""Every model of this app, where Django looks for them."""

from billing.audit.models import AuditEvent
from billing.idempotency.models import IdempotencyKey
from billing.merchants.models import Membership, Merchant
from billing.outbox.models import OutboxDelivery, OutboxEvent
from billing.payments.models import DailyFigures, Payment, PaymentActivity, PaymentAttempt
from billing.providers.models import ProviderAccount, WebhookSecret
from billing.queue.models import ScheduledWork
from billing.webhooks.models import WebhookAttempt, WebhookEvent

__all__ = [
    "AuditEvent",
    "DailyFigures",
    "IdempotencyKey",
    "Membership",
    "Merchant",
    "OutboxDelivery",
    "OutboxEvent",
    "Payment",
    "PaymentActivity",
    "PaymentAttempt",
    "ProviderAccount",
    "ScheduledWork",
    "WebhookAttempt",
    "WebhookEvent",
    "WebhookSecret",
]
