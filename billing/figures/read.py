"""Read the figures: by day, and of part of a day."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import BigIntegerField, QuerySet, Value

from billing.compiled import Compiled
from billing.figures.places import hour_of, hour_start
from billing.figures.sources import Source, sources
from billing.merchants.models import Merchant


class Sums(NamedTuple):
    """See ``models.Figures``; amounts in minor units of one currency."""

    payments: int = 0
    succeeded: int = 0
    failed: int = 0
    amount_captured: int = 0
    amount_refunded: int = 0
    refunds: int = 0
    refunds_amount: int = 0
    disputes: int = 0
    disputes_amount: int = 0
    movements: int = 0
    fees: int = 0
    net: int = 0

    def plus(self, other: "Sums") -> "Sums":
        return Sums(*(a + b for a, b in zip(self, other, strict=True)))


_COLUMNS = ", ".join(Sums._fields)
_TOTALS = ", ".join(f"coalesce(sum({name}), 0)::bigint" for name in Sums._fields)
_WHOSE = "merchant_id = %s AND livemode = %s AND currency = %s"
_DAYS = f"SELECT day, {_COLUMNS} FROM daily_figures WHERE {_WHOSE} AND day BETWEEN %s AND %s"  # noqa: S608
_HOURS = f"SELECT {_TOTALS} FROM hourly_figures WHERE {_WHOSE} AND day = %s AND hour < %s"  # noqa: S608
_CURRENCIES = "SELECT DISTINCT currency FROM daily_figures WHERE merchant_id = %s AND livemode = %s AND payments > 0"


def days(merchant: Merchant, livemode: bool, currency: str, first: date, last: date) -> dict[date, Sums]:
    """Of each day from first to last on which something happened."""
    return {day: Sums(*sums) for day, *sums in _ask(_DAYS, (merchant.pk, livemode, currency, first, last))}


def until(merchant: Merchant, livemode: bool, currency: str, day: date, moment: datetime) -> Sums:
    """Of a day up to, but not including, a moment of it: whole hours as they are kept, and the rows of the last one."""
    hour = hour_of(moment, day, merchant.zone)
    whole = Sums(*_ask(_HOURS, (merchant.pk, livemode, currency, day, hour))[0])
    begun_at = hour_start(day, hour, merchant.zone)
    for begun in _BEGUN(merchant.pk, currency, begun_at, moment, livemode=livemode):
        whole = whole.plus(Sums(*map(int, begun)))
    return whole


def _begun(merchant: int, currency: str, since: datetime, until: datetime, *, livemode: bool) -> QuerySet[Any]:
    """A row of Sums from each source."""
    first, *others = (
        _sums(source, merchant, livemode).filter(currency=currency, moment__gte=since, moment__lt=until)
        for source in sources()
        if set(source.sums) <= set(Sums._fields)
    )
    return first.union(*others, all=True)


def _sums(source: Source[Any], merchant: int, livemode: bool) -> QuerySet[Any]:
    """What rows of a source add to each of the Sums, as one row of one statement for all sources."""
    nothing = Value(0, output_field=BigIntegerField())
    names = {f"sum_of_{name}": source.sums.get(name, nothing) for name in Sums._fields}
    by_mode = source.rows(merchant, livemode).values("livemode").order_by()
    sums: QuerySet[Any] = by_mode.annotate(**names).values_list(*names)
    return sums


_BEGUN = Compiled(_begun)


def currencies(merchant: Merchant, livemode: bool) -> list[str]:
    """In which there ever were payments, in alphabetical order."""
    return sorted(currency for (currency,) in _ask(_CURRENCIES, (merchant.pk, livemode)) if currency)


def _ask(statement: str, values: Any) -> Sequence[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        found: Sequence[Any] = cursor.fetchall()
        return found
