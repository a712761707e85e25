"""What a payment adds to the figures of its day, and what they say at once about all payments."""

from django.db import connection
from django.db.models import Count, Q, Sum

from billing.figures.sources import Source, counted
from billing.merchants.models import Merchant
from billing.payments.models import FAILED, Payment

_COUNT = "SELECT coalesce(sum(payments), 0)::bigint FROM daily_figures WHERE merchant_id = %s AND livemode = %s"


def _adds(payment: Payment) -> tuple[int, ...]:
    return (
        1,
        int(payment.amount_captured > 0),
        int(payment.status in FAILED),
        payment.amount_captured,
        payment.amount_refunded,
    )


PAYMENTS = (
    counted(
        Source(
            Payment,
            adds=_adds,
            sums={
                "payments": Count("pk"),
                "succeeded": Count("pk", filter=Q(amount_captured__gt=0)),
                "failed": Count("pk", filter=Q(status__in=FAILED)),
                "amount_captured": Sum("amount_captured"),
                "amount_refunded": Sum("amount_refunded"),
            },
            at=lambda payment: payment.created_at,
        )
    ),
)


def count_payments(merchant: Merchant, livemode: bool) -> int:
    """How many payments there are in all: exact, without looking at each."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [merchant.pk, livemode])
        return int(cursor.fetchone()[0])
