"""Counts and links of a list that is paged by key."""

from abc import ABC, abstractmethod
from functools import cached_property
from typing import Any

from django.utils.translation import get_language, gettext

from billing.payments.queries import COUNTED_EXACTLY, capped_count
from portal.web.pagination import SIZES, Page, page_size
from portal.web.query_string import ListAddress


class CountedPages(ABC):
    """A list adds ``address``, ``filters`` (django-filter's) and ``page``; this says how many and where to."""

    address: ListAddress
    filters: Any

    @property
    @abstractmethod
    def page(self) -> Page:
        """The page that the address asks for."""

    @property
    def base_url(self) -> str:
        return self.address.path

    @cached_property
    def count(self) -> int:
        """COUNTED_EXACTLY + 1 stands for more."""
        if not self.address.first("cursor") and not self.page.next:
            return len(self.page.rows)
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

    @property
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

    @property
    def start_url(self) -> str:
        return self.address.page("")

    @property
    def first_url(self) -> str:
        return self.start_url if self.page.previous and self.page.number > 2 else ""

    @property
    def previous_url(self) -> str:
        return self.address.page(self.page.previous) if self.page.previous else ""

    @property
    def next_url(self) -> str:
        return self.address.page(self.page.next) if self.page.next else ""

    @property
    def clear_url(self) -> str:
        return self.address.without(set(self.address.names) - {"sort", "size", "columns"})
