"""What payments add up to, from the figures that are kept by day."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db.models import Q, Sum

from billing.figures.models import DailyFigures
from billing.merchants.models import Merchant
from billing.mirror import registry
from billing.payments.models import Payment
from billing.providers.base import Kind
from billing.totals import Line, Totals


def totals_of_days(
    merchant: Merchant,
    livemode: bool,
    *,
    currency: str = "",
    days: tuple[date | None, date | None],
    moments: tuple[datetime | None, datetime | None],
) -> Totals:
    """Captured, refunded, lost to disputes and left of payments made from the first to the last of ``days``, days of
    the merchant's zone, which are the same as ``moments``: from the one up to, but not including, the other."""
    of_currency = {"currency": currency} if currency else {}
    kept = DailyFigures.objects.filter(
        _between("day", days, "lte"), merchant=merchant, livemode=livemode, **of_currency
    )
    disputed = registry.of(Kind.DISPUTE).rows.filter(merchant=merchant, livemode=livemode)
    # Few payments are ever disputed, and only those can have lost anything.
    lost = Payment.objects.for_merchant(merchant, livemode).filter(
        _between("created_at", moments, "lt"), pk__in=disputed.values("payment"), amount_lost__gt=0, **of_currency
    )
    lost_of = dict(_by_currency(lost, "amount_lost"))
    return Totals(
        [
            Line(code, count, (captured, -refunded, -(gone := lost_of.get(code, 0)), captured - refunded - gone))
            for code, count, captured, refunded in _by_currency(kept, "payments", "amount_captured", "amount_refunded")
            if count
        ]
    )


def _between(name: str, bounds: tuple[Any, Any], until: str) -> Q:
    return Q(
        *(
            (f"{name}__{lookup}", bound)
            for lookup, bound in zip(("gte", until), bounds, strict=True)
            if bound is not None
        )
    )


def _by_currency(rows: Any, *columns: str) -> Iterable[tuple[Any, ...]]:
    sums = [Sum(column) for column in columns]
    return rows.order_by("currency").values_list("currency").annotate(*sums)  # type: ignore[no-any-return]
