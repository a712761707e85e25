"""Which rows the figures sum up, and what a row adds. Slices register theirs when Django starts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db.models import Aggregate, F, Model, QuerySet

from billing.merchants.models import Merchant

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Source(Generic[Row]):
    """Rows of ``model`` and the columns that they fill, told twice: ``adds`` gives what one row adds, in the order of
    ``sums``, which lets PostgreSQL add up many. A test holds both against each other.

    ``at`` says when a row counts: when it was made.
    """

    model: type[Row]
    adds: Callable[[Row], tuple[int, ...]]
    sums: Mapping[str, Aggregate]
    at: Callable[[Row], datetime]

    def rows(self, merchant: Merchant | int, livemode: bool | None = None) -> QuerySet[Any]:
        """With ``moment``; of both modes unless one is asked for."""
        found = self.model._default_manager.filter(merchant=merchant)
        return (found if livemode is None else found.filter(livemode=livemode)).annotate(moment=F("created_at"))


_sources: list[Source[Any]] = []


def counted(source: Source[Row]) -> Source[Row]:
    """Register a source; it fills columns that no other does."""
    _sources.append(source)
    return source


def sources() -> Sequence[Source[Any]]:
    return _sources
