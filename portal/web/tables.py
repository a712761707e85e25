"""Columns and sorting of lists, declared with django-tables2; rows and heads are rendered by templates of our own."""

from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Tab:
    """A list beside this one. ``count`` says how many are in it, ``urgent`` that somebody has to look at them."""

    label: Text
    url: str
    current: bool
    count: int | None = None
    urgent: bool = False


def column(label: Text, classes: str = "", *, sorts: bool = False) -> tables.Column:
    """``classes`` are its head's. The table's ``orders`` know how one that ``sorts`` does."""
    attrs = {"th": {"class": classes}} if classes else {}
    return tables.Column(orderable=sorts, verbose_name=label, attrs=attrs)


class ListTable(tables.Table):
    """A subclass declares its columns, and ``orders``: for each that sorts, the columns of the database behind it.

    ``usual`` is the sort of an address that names none. Columns that are ``optional`` are shown where the address asks
    for them. ``sequence`` names all columns in another order than that of their declaration.
    """

    orders: dict[str, Order]
    usual: str
    optional: tuple[str, ...] = ()
    sequence: tuple[str, ...] = ()

    def __init__(self, address: ListAddress) -> None:
        # Rows never pass through django-tables2, so nothing of a table of its own is built here: the declarations do.
        asked = address.first("sort")
        self.address = address
        self.is_usual = asked.removeprefix("-") not in self.orders or asked == self.usual
        self.sort = self.usual if self.is_usual else asked
        self.chosen = tuple(name for name in self.optional if name in address.params.get("columns", ()))

    @property
    def order(self) -> Order:
        declared = self.orders[self.sort.removeprefix("-")]
        return Order(declared.columns, declared.kinds, descending=self.sort.startswith("-"))

    def heads(self) -> list[Head]:
        left_out = {*self.optional} - {*self.chosen}
        shown = (name for name in self.sequence or self.base_columns if name not in left_out)
        return [self._head(name, self.base_columns[name]) for name in shown]

    def choices(self) -> list[tuple[str, Text, bool]]:
        """Each optional column's name and label, and whether it is shown."""
        return [(name, self.base_columns[name].verbose_name, name in self.chosen) for name in self.optional]

    def _head(self, name: str, column: tables.Column) -> Head:
        label, classes = column.verbose_name, column.attrs.get("th", {}).get("class", "")
        if name not in self.orders:
            return Head(label, classes)
        sorted_now = self.sort.removeprefix("-") == name
        # The newest and the largest first; a second click turns round. Names begin with A.
        first = name if not self.orders[name].descending else f"-{name}"
        other = self.sort.removeprefix("-") if self.sort.startswith("-") else f"-{self.sort}"
        target = other if sorted_now else first
        return Head(
            label,
            classes,
            self.address.having(sort="" if target == self.usual else target),
            ("descending" if self.sort.startswith("-") else "ascending") if sorted_now else "",
        )
