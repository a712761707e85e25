"""Reading disputes: rows of a list."""

from billing.payments.queries import PAYMENT_OF_ROW

# Columns of a row of the list.
ROW = (
    *("id", "public_id", "provider_status", "amount", "currency", "reason", "due_by", "created_at", *PAYMENT_OF_ROW),
)
