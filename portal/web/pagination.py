"""Pages by key instead of by number: the hundredth costs what the first does, and rows that arrive move nothing."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from django.core.exceptions import BadRequest
from django.db.models import BooleanField, F, Func, QuerySet, Value
from django.db.models.lookups import GreaterThan, LessThan

Key = tuple[Any, ...]
Kind = Literal["moment", "number", "text", "uuid"]
SIZES = (25, 50, 100)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Order:
    """Columns in the order in which they decide, the last one unique, and what kind of value each holds."""

    columns: tuple[str, ...]
    kinds: tuple[Kind, ...]
    descending: bool = True


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page begins: behind ``key`` when going forward, before it otherwise. ``number`` is the page's own."""

    forward: bool
    number: int
    key: Key


@dataclass(frozen=True, slots=True)
class Page:
    """``previous`` and ``next`` are cursors, empty where the list ends."""

    rows: list[Any]
    number: int = 1
    previous: str = ""
    next: str = ""


def page_size(text: str) -> int:
    """How many rows a page has; anything but an offered size means the smallest."""
    return int(text) if text in {str(size) for size in SIZES} else SIZES[0]


def parse_cursor(text: str, order: Order) -> Cursor | None:
    """The cursor in an address, each part by its kind; None without one. Raises BadRequest for anything else."""
    if not text:
        return None
    way, number, *parts = text.split(".") if text.count(".") else ("", "")
    if way not in ("n", "p") or len(parts) != len(order.kinds):
        raise BadRequest("A cursor of another list.")
    try:
        key = tuple(_READ[kind](part) for kind, part in zip(order.kinds, parts, strict=True))
        return Cursor(forward=way == "n", number=max(_number(number), 1), key=key)
    except (ValueError, OverflowError) as error:
        raise BadRequest("A cursor that nobody gave out.") from error


def write_cursor(cursor: Cursor, order: Order) -> str:
    parts = [_WRITE[kind](value) for kind, value in zip(order.kinds, cursor.key, strict=True)]
    return ".".join(["n" if cursor.forward else "p", str(cursor.number), *parts])


# Up to so many rows from behind a key (or the beginning), in the list's order or backward.
Fetch = Callable[[Key | None, bool, int], list[Any]]


def take_page(fetch: Fetch, *, order: Order, cursor: Cursor | None, size: int, key: Callable[[Any], Key]) -> Page:
    """One page of what ``fetch`` gives; ``key`` reads a row's values of the order's columns."""
    if cursor is None or cursor.forward:
        found = fetch(cursor.key if cursor else None, False, size + 1)
        number, before, more = (cursor.number if cursor else 1), cursor is not None, len(found) > size
        found = found[:size]
    else:
        found = fetch(cursor.key, True, size + 1)
        before, more, number = len(found) > size, True, cursor.number
        found = found[:size][::-1]
        if not before:
            number = 1
            if len(found) < size:
                return take_page(fetch, order=order, cursor=None, size=size, key=key)
    if not found:
        return Page(rows=[], number=number)
    last, first = Cursor(True, number + 1, key(found[-1])), Cursor(False, max(number - 1, 1), key(found[0]))
    return Page(
        rows=found,
        number=number,
        previous=write_cursor(first, order) if before else "",
        next=write_cursor(last, order) if more else "",
    )


def fetch_from(rows: QuerySet[Any, Any], order: Order) -> Fetch:
    """How pages are fetched from ``rows``, which come unordered."""
    return lambda after, backward, limit: list(ordered(rows, order, after=after, backward=backward)[:limit])


def ordered(
    rows: QuerySet[Any, Any], order: Order, *, after: Key | None = None, backward: bool = False
) -> QuerySet[Any, Any]:
    """``rows`` in that order, from behind the key ``after`` on; ``backward`` walks the other way."""
    descending = order.descending != backward
    if after is not None:
        # One comparison of whole rows is what an index over these columns can begin its scan at.
        compare = LessThan if descending else GreaterThan
        rows = rows.filter(compare(_row([F(name) for name in order.columns]), _row([Value(part) for part in after])))
    return rows.order_by(*(f"-{name}" if descending else name for name in order.columns))


def _row(parts: Sequence[Any]) -> Func:
    return Func(*parts, function="ROW", output_field=BooleanField())


def _number(text: str) -> int:
    if not text.isascii() or not text.removeprefix("-").isdigit() or len(text) > 20:
        raise ValueError(text)
    number = int(text)
    if abs(number) > _LARGEST:
        raise ValueError(text)
    return number


def _read_text(text: str) -> str:
    try:
        decoded = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise ValueError(text) from error
    if "\x00" in decoded:
        raise ValueError(text)
    return decoded


_READ: dict[Kind, Callable[[str], Any]] = {
    "moment": lambda text: _EPOCH + _number(text) * _MICROSECOND,
    "number": _number,
    "text": _read_text,
    "uuid": UUID,
}
_WRITE: dict[Kind, Callable[[Any], str]] = {
    "moment": lambda value: str((value - _EPOCH) // _MICROSECOND),
    "number": str,
    "uuid": lambda value: value.hex,
    "text": lambda value: base64.urlsafe_b64encode(value.encode()).decode().rstrip("="),
}
