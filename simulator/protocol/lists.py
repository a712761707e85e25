"""Lists: newest first, cursors by id, ranges of `created`."""

from collections.abc import Sequence
from typing import Any

from simulator.protocol.errors import StripeError, missing
from simulator.store import Doc, Store, Window

_OPERATORS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
DEFAULT, MOST = 10, 100


def limit(params: dict[str, Any]) -> int:
    wanted = params.get("limit", DEFAULT)
    if not 1 <= wanted <= MOST:
        code = "parameter_invalid_integer"
        raise StripeError("This value must be between 1 and 100 inclusive.", code=code, param="limit")
    return int(wanted)


def window(
    store: Store, account: str, kind: str, title: str, params: dict[str, Any], ranges: Sequence[str] = ("created",)
) -> Window:
    """The part of a list that a request asks for, one object longer to see whether there are more.

    ``ranges``: the parameters that take a number or gt, gte, lt and lte.
    """
    after, before = params.get("starting_after"), params.get("ending_before")
    if after and before:
        raise StripeError("You may only specify one of these parameters: starting_after, ending_before.")
    cursor = {}
    for param, name in (("starting_after", after), ("ending_before", before)):
        if name:
            cursor[param] = store.seq(account, kind, name)
            if cursor[param] is None:
                raise missing(title, name, param, status=400)
    bounds = [bound for name in ranges for bound in _bounds(name, params.get(name))]
    return Window(limit(params) + 1, cursor.get("starting_after"), cursor.get("ending_before"), bounds)


def _bounds(name: str, wanted: Any) -> list[tuple[str, str, int]]:
    if wanted is None:
        return []
    if isinstance(wanted, int):
        return [(name, "=", wanted)]
    return [(name, _OPERATORS[operator], value) for operator, value in wanted.items()]


def page(found: list[Doc], part: Window, url: str) -> Doc:
    """A list object of what ``window`` selected."""
    data = found[: part.limit - 1]
    if part.before is not None:
        data.reverse()
    return {"object": "list", "data": data, "has_more": len(found) >= part.limit, "url": url}


def whole(data: list[Doc], url: str, *, most: int = DEFAULT) -> Doc:
    """A list inside an object: its first ``most``."""
    return {"object": "list", "data": data[:most], "has_more": len(data) > most, "url": url}
