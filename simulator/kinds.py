"""What the simulator knows of each kind of object: its ids, what its lists filter by, what searches may ask."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from simulator.store import Doc


@dataclass(frozen=True, slots=True)
class Kind:
    """``links`` name the fields (dotted) that lists filter by; ``search`` maps fields to string, token or numeric."""

    name: str
    prefix: str
    url: str
    # A bare object as JSON: read anew, it is copied faster than a dict.
    template: str
    title: str
    links: tuple[str, ...] = ()
    search: dict[str, str] = field(default_factory=dict)
    # What is computed only when a request expands it, such as the refunds of a charge.
    includes: dict[str, Callable[..., Any]] = field(default_factory=dict)
    money: bool = False


KINDS: dict[str, Kind] = {}
# By kind and name. A kind may be declared after what it includes.
_INCLUDES: dict[str, dict[str, Callable[..., Any]]] = {}


def declare(
    name: str,
    *,
    prefix: str,
    url: str,
    template: Doc,
    title: str = "",
    links: tuple[str, ...] = (),
    search: dict[str, str] | None = None,
    money: bool = False,
    livemode: bool = True,
) -> Kind:
    """Make a kind known. ``template`` has every key that Stripe's answers have, with the value of a bare object;
    id and object go without saying, and so does ``livemode``, which few kinds lack."""
    blank = json.dumps({"id": None, "object": name} | ({"livemode": False} if livemode else {}) | template)
    includes = _INCLUDES.setdefault(name, {})
    kind = Kind(name, prefix, url, blank, title or name.replace("_", " "), links, search or {}, includes, money)
    KINDS[name] = kind
    return kind


def include(kind: str, name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register what computes a property that is shown only when expanded: ``(call, doc)`` to its value."""

    def register(compute: Callable[..., Any]) -> Callable[..., Any]:
        _INCLUDES.setdefault(kind, {})[name] = compute
        return compute

    return register


def nulls(names: str) -> Doc:
    """The keys of a template that a bare object shows as null."""
    return dict.fromkeys(names.split())


def linked(kind: str, doc: Doc) -> dict[str, str]:
    """What ``doc`` is found by."""
    found = {}
    for name in KINDS[kind].links:
        value = at(doc, name) if "." in name else doc.get(name)
        if isinstance(value, dict):
            value = value.get("id")
        if value is not None:
            found[name] = spelt(value)
    return found


def spelt(value: Any) -> str:
    """A filter's value as the index holds it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def at(doc: Doc, path: str) -> Any:
    """The value at a dotted path, or None."""
    value: Any = doc
    for name in path.split("."):
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value
