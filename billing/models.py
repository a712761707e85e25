"""Every model of this app, where Django looks for them."""

from billing.approvals.models import Approval, PersonAccount
from billing.audit.models import AuditEvent, ChainCheck
from billing.commands.models import CommandBatch, CommandExchange, MoneyCommand
from billing.customers.models import Customer, PaymentMethod
from billing.figures.models import DailyFigures, HourlyFigures
from billing.idempotency.models import IdempotencyKey
from billing.invoices.models import ProviderInvoice
from billing.ledger.models import JournalEntry, LedgerAccount, Posting
from billing.limits.models import LimitChange, RoleLimit
from billing.merchants.models import Membership, Merchant
from billing.mirror.models import Refetch
from billing.notes.models import Note
from billing.outbox.models import OutboxDelivery, OutboxEvent
from billing.payments.models import Payment, PaymentActivity, PaymentAttempt
from billing.payouts.models import BalanceTransaction, Payout, ProcessorBalance
from billing.platforms.models import Description
from billing.providers.models import ProviderAccount, WebhookSecret
from billing.queue.models import ScheduledWork
from billing.refunds.models import Refund, RefundReceipt
from billing.sync.models import Finding, SyncCursor, SyncRun
from billing.tags.models import PaymentTag
from billing.webhooks.models import WebhookAttempt, WebhookEvent

__all__ = [
    "Approval",
    "AuditEvent",
    "BalanceTransaction",
    "ChainCheck",
    "CommandBatch",
    "CommandExchange",
    "Customer",
    "DailyFigures",
    "Description",
    "Finding",
    "HourlyFigures",
    "IdempotencyKey",
    "JournalEntry",
    "LedgerAccount",
    "LimitChange",
    "Membership",
    "Merchant",
    "MoneyCommand",
    "Note",
    "OutboxDelivery",
    "OutboxEvent",
    "Payment",
    "PaymentActivity",
    "PaymentAttempt",
    "PaymentMethod",
    "PaymentTag",
    "Payout",
    "PersonAccount",
    "Posting",
    "ProcessorBalance",
    "ProviderAccount",
    "ProviderInvoice",
    "Refetch",
    "Refund",
    "RefundReceipt",
    "RoleLimit",
    "ScheduledWork",
    "SyncCursor",
    "SyncRun",
    "WebhookAttempt",
    "WebhookEvent",
    "WebhookSecret",
]
