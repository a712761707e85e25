"""Daily sums of payments, kept with every change of one."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from django.db import connection

from billing.merchants.models import Merchant
from billing.payments.models import Payment, PaymentStatus

COLUMNS = ("payments", "succeeded", "failed", "amount_captured", "amount_refunded")
_FAILED = {PaymentStatus.FAILED, PaymentStatus.BLOCKED}

_ADD = """
INSERT INTO daily_figures AS figures
       (merchant_id, livemode, currency, day, payments, succeeded, failed, amount_captured, amount_refunded)
SELECT * FROM unnest(%s::bigint[], %s::bool[], %s::text[], %s::date[],
                     %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])
    ON CONFLICT (merchant_id, livemode, currency, day) DO UPDATE SET
       payments = figures.payments + excluded.payments,
       succeeded = figures.succeeded + excluded.succeeded,
       failed = figures.failed + excluded.failed,
       amount_captured = figures.amount_captured + excluded.amount_captured,
       amount_refunded = figures.amount_refunded + excluded.amount_refunded
"""
_COUNT = "SELECT coalesce(sum(payments), 0)::bigint FROM daily_figures WHERE merchant_id = %s AND livemode = %s"


class Cell(NamedTuple):
    """What one payment counts for, and where. ``day`` is a day of the merchant's zone."""

    merchant_id: int
    livemode: bool
    currency: str
    day: date


class Figures:
    """The difference that a batch makes. Count a payment out before it changes and in after."""

    def __init__(self) -> None:
        self._cells: dict[Cell, Counter[str]] = defaultdict(Counter)

    def count(self, payment: Payment, merchant: Merchant, times: int) -> None:
        cell = Cell(
            payment.merchant_id, payment.livemode, payment.currency, payment.created_at.astimezone(merchant.zone).date()
        )
        for name, value in zip(COLUMNS, contribution(payment), strict=True):
            self._cells[cell][name] += value * times

    def save(self) -> None:
        """Add the differences, rows in one order so that two workers cannot wait for each other."""
        changed = sorted(
            ((cell, sums) for cell, sums in self._cells.items() if any(sums.values())), key=lambda item: item[0]
        )
        if not changed:
            return
        keys = [list(column) for column in zip(*(cell for cell, _ in changed), strict=True)]
        sums = [[sums[name] for _, sums in changed] for name in COLUMNS]
        with connection.cursor() as cursor:
            cursor.execute(_ADD, keys + sums)


def count_payments(merchant: Merchant, livemode: bool) -> int:
    """How many payments there are in all: exact, without looking at each."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [merchant.pk, livemode])
        return int(cursor.fetchone()[0])


def contribution(payment: Payment) -> Sequence[int]:
    """What one payment adds to its day, in the order of ``COLUMNS``."""
    return (
        1,
        int(payment.amount_captured > 0),
        int(payment.status in _FAILED),
        payment.amount_captured,
        payment.amount_refunded,
    )
