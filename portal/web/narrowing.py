"""What lists share that filters narrow and whose columns are chosen."""

from abc import ABC, abstractmethod
from functools import cached_property
from typing import Any, ClassVar

from django.http import QueryDict

from billing.payments.queries import capped_count
from portal.web.counting import CountedPages
from portal.web.filters import PERIOD
from portal.web.pagination import Fetch, Key, fetch_from
from portal.web.query_string import ListAddress


class NarrowedPages(CountedPages, ABC):
    """``words`` are a portal.web.money_lists.listing.Words."""

    words: ClassVar[Any]

    @property
    @abstractmethod
    def panel(self) -> Any:
        """What the filters look like."""

    @property
    @abstractmethod
    def queried(self) -> tuple[str, ...]:
        """Columns of a row's tuple, among them all that the list is sorted by."""

    @property
    def fetch(self) -> Fetch:
        # Plain tuples: models cost six times as much to build.
        return fetch_from(self.filters.qs.values_list(*self.queried), self.order)

    def key_of_fetched(self, row: tuple[Any, ...]) -> Key:
        return tuple(row[self.queried.index(name)] for name in self.order.columns)

    @property
    def noun(self) -> str:
        """What so many rows are called."""
        return self._noun_of(self.counted)

    @cached_property
    def count_in_all_dates(self) -> int:
        """How many the same filters find when no date is asked for."""
        data = QueryDict(mutable=True)
        for name, values in self.address.params.items():
            if name not in PERIOD:
                data.setlist(name, values)
        return capped_count(self.filters.at(ListAddress(self.address.path, data, self.address.names)).qs)

    @property
    def noun_in_all_dates(self) -> str:
        return self._noun_of(self.count_in_all_dates)

    def _noun_of(self, count: int) -> str:
        return str(self.words.noun % {"count": count})

    @property
    def all_dates_url(self) -> str:
        return self.address.without(PERIOD)

    @property
    def kept_by_columns(self) -> list[tuple[str, str]]:
        """What stays in the address when other columns are chosen."""
        kept = ((name, values) for name, values in self.address.params.items() if name not in ("columns", "cursor"))
        return [(name, value) for name, values in kept for value in values]

    @property
    def is_live(self) -> bool:
        """Whether new rows appear by themselves: they must not move on later pages or in another order."""
        return self.table.is_usual and not self.is_later
