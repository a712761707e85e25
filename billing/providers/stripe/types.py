"""Types of events that somebody here listens to: what an endpoint at Stripe has to be told to send."""

EVENT_TYPES = (
    *("payment_intent.created", "payment_intent.processing", "payment_intent.requires_action"),
    *("payment_intent.amount_capturable_updated", "payment_intent.partially_funded", "payment_intent.succeeded"),
    *("payment_intent.payment_failed", "payment_intent.canceled"),
    *("charge.pending", "charge.succeeded", "charge.failed", "charge.captured", "charge.updated", "charge.expired"),
    *("charge.refunded", "charge.refund.updated", "refund.created", "refund.updated", "refund.failed"),
    *("charge.dispute.created", "charge.dispute.updated", "charge.dispute.funds_withdrawn"),
    *("charge.dispute.funds_reinstated", "charge.dispute.closed"),
    *("radar.early_fraud_warning.created", "radar.early_fraud_warning.updated", "review.opened", "review.closed"),
    *("payout.created", "payout.updated", "payout.paid", "payout.failed", "payout.canceled"),
    "payout.reconciliation_completed",
    *("customer.created", "customer.updated", "customer.deleted"),
    *("customer.source.created", "customer.source.updated", "customer.source.expiring", "customer.source.deleted"),
    *("payment_method.attached", "payment_method.updated", "payment_method.automatically_updated"),
    "payment_method.detached",
    *("invoice.created", "invoice.updated", "invoice.finalized", "invoice.finalization_failed", "invoice.sent"),
    *("invoice.paid", "invoice.payment_succeeded", "invoice.payment_failed", "invoice.payment_action_required"),
    *("invoice.payment_attempt_required", "invoice.overpaid"),
    *("invoice.overdue", "invoice.marked_uncollectible", "invoice.voided", "invoice.deleted"),
)
# Besides, at the endpoint of a Connect platform.
PLATFORM_TYPES = ("account.updated", "account.application.deauthorized")
