"""Counts and links of a list that is paged by key."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import get_language, gettext

from billing.payments.queries import COUNTED_EXACTLY, capped_count
from portal.web.pagination import (
    SIZES,
    Fetch,
    Key,
    Order,
    Page,
    fetch_from,
    ordered,
    page_size,
    parse_cursor,
    take_page,
)
from portal.web.query_string import VIEW, ListAddress
from portal.web.tables import ListTable


@dataclass(frozen=True)
class Found:
    """In the place of filters: what a list without any of django-filter's shows."""

    qs: QuerySet[Any]

    def is_valid(self) -> bool:
        return True


class CountedPages:
    """A list adds its ``address``, its ``table``, and ``filters`` with what they find (``qs``).

    This takes the page that the address asks for, and says how many rows there are and where the others stand.
    """

    address: ListAddress
    table: ListTable
    filters: Any

    @cached_property
    def is_valid(self) -> bool:
        return bool(self.filters.is_valid())

    @property
    def url(self) -> str:
        """The address without what it names in vain."""
        return str(self.address)

    @property
    def is_tidy(self) -> bool:
        return self.address.is_tidy and self.url == str(self.address)

    @property
    def order(self) -> Order:
        return self.table.order

    @property
    def fetch(self) -> Fetch:
        return fetch_from(self.filters.qs, self.order)

    def key_of(self, row: Any) -> Key:
        """Where an object stands in the list's order."""
        return tuple(row.pk if name == "id" else getattr(row, name) for name in self.order.columns)

    def key_of_fetched(self, row: Any) -> Key:
        """The same of what ``fetch`` gives, where that is no object."""
        return self.key_of(row)

    @cached_property
    def page(self) -> Page:
        """The page that the address asks for."""
        cursor = parse_cursor(self.address.first("cursor"), self.order)
        return take_page(self.fetch, order=self.order, cursor=cursor, size=self.size, key=self.key_of_fetched)

    def neighbours(self, row: Any) -> tuple[str, str]:
        """Public ids of what stands before and after that object in this list; empty at its ends."""
        ids, key = self.filters.qs.values_list("public_id", flat=True), self.key_of(row)
        found = (ordered(ids, self.order, after=key, backward=way).first() for way in (True, False))
        before, after = ((public_id or "") for public_id in found)
        return before, after

    @property
    def base_url(self) -> str:
        return self.address.path

    @cached_property
    def count(self) -> int:
        """COUNTED_EXACTLY + 1 stands for more."""
        if not self.address.first("cursor") and not self.page.next:
            return len(self.page.rows)
        return self.count_all()

    def count_all(self) -> int:
        """The same by a query."""
        return capped_count(self.filters.qs)

    @property
    def has_more_than_counted(self) -> bool:
        return self.count > COUNTED_EXACTLY

    @property
    def counted(self) -> int:
        return COUNTED_EXACTLY if self.has_more_than_counted else self.count

    @property
    def pages(self) -> int:
        """How many there are; 0 when they are not counted."""
        return 0 if self.has_more_than_counted else -(-self.count // self.size)

    @property
    def place(self) -> str:
        """``page 2 of 7``; without the end where that is not counted."""
        if self.pages:
            return gettext("page %(number)s of %(pages)s") % {"number": self.number, "pages": self.pages}
        return gettext("page %(number)s") % {"number": self.number}

    @property
    def size(self) -> int:
        return page_size(self.address.first("size"))

    @property
    def sizes(self) -> list[tuple[int, str, bool]]:
        """Each page size, the address of the list with it, and whether it is this one."""
        return [
            (size, self.address.having(size="" if size == SIZES[0] else str(size)), size == self.size) for size in SIZES
        ]

    @cached_property
    def furniture_key(self) -> str:
        """All that heads and page sizes depend on: the address of the first page, and the reader's language."""
        return f"{get_language()} {self.start_url}"

    @property
    def number(self) -> int:
        return self.page.number

    @property
    def is_later(self) -> bool:
        return bool(self.address.first("cursor"))

    @property
    def panel_url(self) -> str:
        """Where the rows alone come from."""
        return f"{self.base_url}_/results/?{self.address.query}"

    @cached_property
    def start_url(self) -> str:
        return self.address.page("")

    @cached_property
    def first_url(self) -> str:
        return self.start_url if self.page.previous and self.page.number > 2 else ""

    @cached_property
    def previous_url(self) -> str:
        return self.address.page(self.page.previous) if self.page.previous else ""

    @cached_property
    def next_url(self) -> str:
        return self.address.page(self.page.next) if self.page.next else ""

    @cached_property
    def clear_url(self) -> str:
        return self.address.without(set(self.address.names) - {"sort", "size", "columns", VIEW})
