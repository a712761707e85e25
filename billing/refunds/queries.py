"""Reading refunds: rows of a list."""

from billing.payments.queries import PAYMENT_OF_ROW

# Columns of a row of the list.
ROW = (
    *("id", "public_id", "provider_status", "amount", "currency", "reason", "failure_reason", "pending_reason"),
    *("created_at", *PAYMENT_OF_ROW),
)
