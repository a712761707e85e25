"""Sums of what a list finds, currency by currency: different ones are never added."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Expression, F, QuerySet

# Adding up more would take longer than anybody waits for a page.
SUMMED = 50_000


@dataclass(frozen=True, slots=True)
class Line:
    """One currency: how many rows, and their sums in its minor units, in the order in which they were asked for; when
    the first and the last of them was made, where rows were looked at."""

    currency: str
    rows: int
    sums: tuple[int, ...]
    first_at: datetime | None = None
    last_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Totals:
    """By currency. ``is_whole`` is False where only the newest rows were added up, as many as ``rows``."""

    lines: list[Line]
    is_whole: bool = True

    @property
    def rows(self) -> int:
        return sum(line.rows for line in self.lines)


def totals_of(rows: QuerySet[Any, Any], sums: Mapping[str, Expression | F], *, limit: int = SUMMED) -> Totals:
    """``sums`` are what is added up, by names that are no column's. ``rows`` have ``currency`` and ``created_at``."""
    newest = rows.order_by("-created_at", "-id")
    found = newest.annotate(**sums).values_list("currency", "created_at", *sums)[:limit]
    lines = _add_up(found, len(sums))
    whole = sum(line.rows for line in lines) < limit or not newest.values("pk")[limit : limit + 1].exists()
    return Totals(lines, whole)


def _add_up(found: QuerySet[Any, Any], width: int) -> list[Line]:
    try:
        statement, values = found.query.sql_with_params()
    except EmptyResultSet:
        # Django knows without asking that nothing fits.
        return []
    names = [f"sum{number}" for number in range(width)]
    sums = ", ".join(f"sum({name})::bigint" for name in names)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT currency, count(*), min(at), max(at), {sums} "  # noqa: S608
            f"FROM ({statement}) AS found (currency, at, {', '.join(names)}) GROUP BY currency ORDER BY currency",
            values,
        )
        return [Line(code, rows, tuple(added), first, last) for code, rows, first, last, *added in cursor.fetchall()]
