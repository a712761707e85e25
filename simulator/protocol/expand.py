"""`expand[]=data.customer`: ids in an answer replaced by what they name."""

from collections.abc import Callable
from typing import Any

from simulator.protocol.errors import StripeError
from simulator.store import Doc

DEPTH = 4
# Finds an object by its id.
Lookup = Callable[[str], Doc | None]
# Computes what is shown only when asked for: (object, field) to a value, or None where there is no such field.
Include = Callable[[Doc, str], Any]


def check(paths: list[str]) -> None:
    for path in paths:
        if len(path.removeprefix("data.").split(".")) > DEPTH:
            message = f"You cannot expand more than {DEPTH} levels of a property (attempted: '{path}')."
            raise StripeError(message, param="expand")


def expand(answer: Doc, paths: list[str], lookup: Lookup, include: Include) -> Doc:
    """``answer`` with these properties expanded, in place. StripeError: one that cannot be."""
    for path in paths:
        if not _expand(answer, path.split("."), lookup, include):
            message = f"This property cannot be expanded ({path})."
            raise StripeError(message, param="expand")
    return answer


def _expand(node: Any, keys: list[str], lookup: Lookup, include: Include) -> bool:
    """Whether the way exists; what is null on the way needs nothing."""
    if not keys or node is None:
        return True
    if isinstance(node, list):
        return all(_expand(item, keys, lookup, include) for item in node)
    name = keys[0]
    if not isinstance(node, dict) or name == "id":
        return False
    shown = node.get(name) is not None
    if not shown:
        value = include(node, name)
        if value is None:
            return name in node or node.get("deleted") is True
        node[name] = value
    node[name], expandable = _opened(node[name], lookup)
    return (expandable or not shown or len(keys) > 1) and _expand(node[name], keys[1:], lookup, include)


def _opened(value: Any, lookup: Lookup) -> tuple[Any, bool]:
    """What an id or a list of ids names, and whether a way may end here: not at numbers, texts or plain hashes."""
    if isinstance(value, str):
        found = lookup(value)
        return (value, False) if found is None else (found, True)
    if isinstance(value, list):
        return [_opened(item, lookup)[0] for item in value], True
    return value, isinstance(value, dict) and "object" in value
