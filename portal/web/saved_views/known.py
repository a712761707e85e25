"""What a view keeps of a list's address, and what of it the list still knows when the view is opened."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from portal.web.money_lists.listing import MoneyListing
from portal.web.query_string import VIEW, ListAddress

# Where one is in a list, and what is shown below it, belongs to no view.
_NOT_STORED = {VIEW, "cursor", "totals", "asked"}


@dataclass(frozen=True, slots=True)
class Known:
    """``query`` is what the list understands, ``left_out`` the names of which it does not know all values."""

    query: str
    left_out: tuple[str, ...]


def stored_query(address: ListAddress) -> str:
    """The one spelling of what is filtered, sorted and shown at an address; empty for the plain list."""
    kept = {name: sorted(values) for name, values in address.params.items() if name not in _NOT_STORED}
    return urlencode(kept, doseq=True)


def known_query(listing: type[MoneyListing[Any]], stored: str) -> Known:
    """A stored query in today's words: lists gain and lose filters, choices and columns."""
    data, left_out = QueryDict(mutable=True), []
    for name, values in QueryDict(stored).lists():
        known = [value for value in values if _knows(listing, name, value)]
        data.setlist(name, known)
        if len(known) < len(values):
            left_out.append(name)
    return Known(stored_query(ListAddress("", data, listing.filters_type.list_names())), tuple(left_out))


def _knows(listing: type[MoneyListing[Any]], name: str, value: str) -> bool:
    if name not in listing.filters_type.list_names():
        return False
    if name == "columns":
        return value in listing.table_type.optional
    if name == "sort":
        return value.removeprefix("-") in listing.table_type.orders
    declared = listing.filters_type.base_filters.get(name)
    offered = declared.extra.get("choices") if declared is not None else None
    return offered is None or value in {str(choice) for choice, _label in offered}
