"""Keep the figures with every change of a row that they sum up, in the same transaction."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple

from django.db import connection

from billing.arrays import arrays
from billing.figures.models import DailyFigures, Figures, HourlyFigures
from billing.figures.places import place, quarter_of
from billing.figures.sources import Source
from billing.merchants.models import Merchant

DAY_KEYS = ("merchant_id", "livemode", "currency", "day")
HOUR_KEYS = (*DAY_KEYS, "hour")
COLUMNS = tuple(field.attname for field in Figures._meta.fields if field.attname not in DAY_KEYS)
_TYPES = {"livemode": "bool", "currency": "text", "day": "date", "hour": "smallint"}
_PLACES = {name: index for index, name in enumerate(COLUMNS)}


class Cell(NamedTuple):
    """What a row counts for. ``day`` is a day of the merchant's zone, ``hour`` counts from its first moment."""

    merchant_id: int
    livemode: bool
    currency: str
    day: date
    hour: int


Counted = tuple[tuple[str, datetime, tuple[int, ...]], ...]
"""What a row adds, by source: its currency, when, and how much."""


def count(row: Any, sources: Sequence[Source[Any]]) -> Counted:
    return tuple((row.currency, source.at(row), source.adds(row)) for source in sources)


class Differences:
    """The difference that a batch makes to the figures."""

    def __init__(self) -> None:
        self.cells: dict[Cell, list[int]] = defaultdict(lambda: [0] * len(COLUMNS))

    def change(
        self,
        merchant: Merchant,
        livemode: bool,
        sources: Sequence[Source[Any]],
        *,
        before: Counted | None,
        after: Counted | None,
    ) -> None:
        """A row counts for ``after`` and no longer for ``before``; None where there is no row."""
        if before == after:
            return
        for counted, times in ((before, -1), (after, 1)):
            for source, (currency, at, values) in zip(sources, counted or (), strict=False):
                cell = Cell(merchant.pk, livemode, currency, *place(merchant.timezone, quarter_of(at)))
                self.add(cell, dict(zip(source.sums, values, strict=True)), times)

    def add(self, cell: Cell, values: dict[str, int], times: int = 1) -> None:
        sums = self.cells[cell]
        for name, value in values.items():
            sums[_PLACES[name]] += value * times

    def save(self) -> None:
        add_up(DailyFigures, DAY_KEYS, by_day(self.cells))
        add_up(HourlyFigures, HOUR_KEYS, self.cells)


def by_day(hours: Mapping[Cell, Sequence[int]]) -> dict[tuple[Any, ...], list[int]]:
    days: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0] * len(COLUMNS))
    for cell, sums in hours.items():
        day = days[cell[:-1]]
        for index, value in enumerate(sums):
            day[index] += value
    return days


def add_up(model: type[Figures], keys: Sequence[str], differences: Mapping[Any, Sequence[int]]) -> None:
    """Add differences by key to the rows, in one order so that two workers cannot wait for each other."""
    ordered = sorted((key, sums) for key, sums in differences.items() if any(sums))
    if not ordered:
        return
    with connection.cursor() as cursor:
        cursor.execute(_upsert(model, tuple(keys)), arrays((*key, *sums) for key, sums in ordered))


@cache
def _upsert(model: type[Figures], keys: tuple[str, ...]) -> str:
    table, names = model._meta.db_table, (*keys, *COLUMNS)
    places = ", ".join(f"%s::{_TYPES.get(name, 'bigint')}[]" for name in names)
    sums = ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in COLUMNS)
    return (
        f"INSERT INTO {table} ({', '.join(names)}) SELECT * FROM unnest({places}) "  # noqa: S608
        f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {sums}"
    )


_current: ContextVar[Differences] = ContextVar("differences")


@contextmanager
def together() -> Iterator[None]:
    """What is counted inside is added at the end, within the caller's transaction, all of it at once: the rows of
    today are everybody's, and are held for as short as can be. Nothing is added when an exception ends it."""
    differences = Differences()
    token = _current.set(differences)
    try:
        yield
    finally:
        _current.reset(token)
    differences.save()


def current() -> Differences:
    """Where changes are counted now. Raises LookupError outside of ``together``."""
    return _current.get()
