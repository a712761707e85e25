"""The figures as they are kept, and as the rows themselves add up: by merchant, mode, currency, day, hour and column.

Whole days have the hour -1. Only ``added_up`` uses what the product adds up with.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, time
from typing import Any

from billing.figures.keep import COLUMNS
from billing.figures.models import DailyFigures, HourlyFigures
from billing.figures.rebuild import true_sums
from billing.merchants.models import Merchant
from billing.payments.models import Payment
from billing.payouts.models import BalanceTransaction
from billing.refunds.models import Refund
from disputes.chargebacks.models import Dispute

KEYS = {"id", "merchant_id", "livemode", "currency", "day", "hour"}


def kept_sums() -> Counter:
    found: Counter = Counter()
    for row in (*DailyFigures.objects.all(), *HourlyFigures.objects.all()):
        values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
        cell = (row.merchant_id, row.livemode, row.currency, row.day, values.get("hour", -1))
        found.update({(*cell, name): value for name, value in values.items() if name not in KEYS})
    return Counter({key: value for key, value in found.items() if value})


def raw_sums() -> Counter:
    zones = {merchant.pk: merchant.zone for merchant in Merchant.objects.all()}
    found: Counter = Counter()
    for row, at, sums in contributions():
        zone = zones[row.merchant_id]
        day = at.astimezone(zone).date()
        passed = at.timestamp() - datetime.combine(day, time(), zone).timestamp()
        for name, value in sums.items():
            for hour in (-1, int(passed // 3600)):
                found[row.merchant_id, row.livemode, row.currency, day, hour, name] += value
    return Counter({key: value for key, value in found.items() if value})


def added_up(merchants: Iterable[Merchant]) -> Counter:
    """As PostgreSQL adds up the rows for whoever rebuilds the figures."""
    found: Counter = Counter()
    for merchant in merchants:
        for cell, sums in true_sums(merchant).items():
            for name, value in zip(COLUMNS, sums, strict=True):
                for hour in (-1, cell.hour):
                    found[(*cell[:4], hour, name)] += value
    return Counter({key: value for key, value in found.items() if value})


def contributions() -> Iterator[tuple[Any, datetime, dict[str, int]]]:
    for payment in Payment.objects.all():
        yield (
            payment,
            payment.created_at,
            {
                "payments": 1,
                "succeeded": payment.amount_captured > 0,
                "failed": payment.status in ("failed", "blocked"),
                "amount_captured": payment.amount_captured,
                "amount_refunded": payment.amount_refunded,
            },
        )
    for refund in Refund.objects.filter(provider_status__in=["pending", "requires_action", "succeeded"]):
        yield refund, refund.created_at, {"refunds": 1, "refunds_amount": refund.amount}
    for dispute in Dispute.objects.all():
        yield dispute, dispute.created_at, {"disputes": 1, "disputes_amount": dispute.amount}
    for movement in BalanceTransaction.objects.all():
        if movement.type in ("payout", "payout_cancel", "payout_failure"):
            yield movement, movement.created_at, {"fees": movement.fee, "net": -movement.fee}
        else:
            yield movement, movement.created_at, {"movements": 1, "fees": movement.fee, "net": movement.net}
