"""Columns and sorting of lists, declared with django-tables2; rows and heads are rendered by templates of our own."""

from dataclasses import dataclass
from typing import Any

import django_tables2 as tables
from django.utils.functional import Promise

from portal.web.pagination import Order
from portal.web.query_string import ListAddress

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Head:
    """One column's head. ``sort`` is what aria-sort says; ``url`` is empty for a column that nobody sorts by."""

    label: Text
    classes: str
    url: str = ""
    sort: str = ""


class ListTable(tables.Table):
    """A subclass declares its columns, and ``orders``: for each that sorts, the columns of the database behind it.

    ``Meta.order_by`` is the sort of an address that names none.
    """

    orders: dict[str, Order]

    def __init__(self, address: ListAddress) -> None:
        asked = address.first("sort")
        usual = tuple(self._meta.order_by)
        self.address = address
        self.is_usual = asked.removeprefix("-") not in self.orders or (asked,) == usual
        super().__init__([], order_by=usual if self.is_usual else (asked,))

    @property
    def sort(self) -> str:
        """``created`` or ``-created``."""
        return str(self.order_by[0])

    @property
    def order(self) -> Order:
        declared = self.orders[self.sort.removeprefix("-")]
        return Order(declared.columns, declared.kinds, descending=self.sort.startswith("-"))

    def heads(self) -> list[Head]:
        return [self._head(column) for column in self.columns]

    def _head(self, column: Any) -> Head:
        classes = column.column.attrs.get("th", {}).get("class", "")
        if column.name not in self.orders:
            return Head(column.header, classes)
        usual = str(self._meta.order_by[0])
        sorted_now = self.sort.removeprefix("-") == column.name
        # The newest and the largest first; a second click turns round. Names begin with A.
        first = column.name if not self.orders[column.name].descending else f"-{column.name}"
        other = self.sort.removeprefix("-") if self.sort.startswith("-") else f"-{self.sort}"
        target = other if sorted_now else first
        return Head(
            column.header,
            classes,
            self.address.having(sort="" if target == usual else target),
            ("descending" if self.sort.startswith("-") else "ascending") if sorted_now else "",
        )
