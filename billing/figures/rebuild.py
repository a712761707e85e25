"""Hold the figures of a merchant against the rows that they sum up, and mend what differs."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.models import BigIntegerField, Func

from billing.figures.keep import COLUMNS, DAY_KEYS, HOUR_KEYS, Cell, add_up, by_day
from billing.figures.models import DailyFigures, Figures, HourlyFigures
from billing.figures.places import QUARTER, place
from billing.figures.sources import sources
from billing.merchants.models import Merchant

Sums = Mapping[Any, list[int]]
"""By the columns of a unique key, in the order of COLUMNS."""


class _Quarter(Func):
    template = f"floor(extract(epoch FROM %(expressions)s) / {QUARTER})::bigint"
    arity = 1
    output_field = BigIntegerField()


@dataclass(frozen=True, slots=True)
class Wrong:
    """A sum that was wrong; of a whole day where ``hour`` is None."""

    livemode: bool
    currency: str
    day: date
    hour: int | None
    column: str
    kept: int
    true: int


def rebuild(merchant: Merchant, *, mend: bool = True) -> list[Wrong]:
    """What is wrong, mended unless nobody wants that. Not inside of another transaction.

    Everything is read at one moment, and what is missing then is added to whatever the figures are by now: events are
    processed meanwhile. Also right after the zone of a merchant has changed.
    """
    with _alone(merchant):
        with transaction.atomic(durable=True):
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            hours = true_sums(merchant)
            wanted: list[tuple[type[Figures], tuple[str, ...], Sums]] = [
                (DailyFigures, DAY_KEYS, by_day(hours)),
                (HourlyFigures, HOUR_KEYS, hours),
            ]
            found = [(model, keys, _kept(model, keys, merchant), true) for model, keys, true in wanted]
        if mend:
            with transaction.atomic(durable=True):
                for model, keys, kept, true in found:
                    add_up(model, keys, _missing(kept, true))
    return [wrong for _, _, kept, true in found for wrong in _wrong(kept, true)]


def true_sums(merchant: Merchant) -> dict[Cell, list[int]]:
    """What the figures of each hour should be, from the rows themselves."""
    sums: dict[Cell, list[int]] = defaultdict(lambda: [0] * len(COLUMNS))
    for source in sources():
        rows = source.rows(merchant).annotate(quarter=_Quarter("moment")).values_list("livemode", "currency", "quarter")
        # A name of an annotation must not be a column's, and most are.
        for livemode, currency, quarter, *values in rows.order_by().annotate(
            **{f"sum_of_{name}": aggregate for name, aggregate in source.sums.items()}
        ):
            cell = sums[Cell(merchant.pk, livemode, currency, *place(merchant.timezone, quarter))]
            for name, value in zip(source.sums, values, strict=True):
                cell[COLUMNS.index(name)] += value
    return sums


@contextmanager
def _alone(merchant: Merchant) -> Iterator[None]:
    # Two that mend at once would add what is missing twice.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtext('figures'), %s)", [merchant.pk])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(hashtext('figures'), %s)", [merchant.pk])


def _kept(model: type[Figures], keys: tuple[str, ...], merchant: Merchant) -> Sums:
    rows = model._default_manager.filter(merchant=merchant).values_list(*keys, *COLUMNS)
    return {tuple(row[: len(keys)]): list(row[len(keys) :]) for row in rows}


def _missing(kept: Sums, true: Sums) -> Sums:
    nothing = [0] * len(COLUMNS)
    cells = {tuple(cell) for cell in (*kept, *true)}
    return {
        cell: [new - old for old, new in zip(kept.get(cell, nothing), true.get(cell, nothing), strict=True)]
        for cell in cells
    }


def _wrong(kept: Sums, true: Sums) -> Iterator[Wrong]:
    nothing = [0] * len(COLUMNS)
    for cell in sorted({tuple(cell) for cell in (*kept, *true)}):
        _, livemode, currency, day, *hour = cell
        for name, old, new in zip(COLUMNS, kept.get(cell, nothing), true.get(cell, nothing), strict=True):
            if old != new:
                yield Wrong(livemode, currency, day, hour[0] if hour else None, name, old, new)
