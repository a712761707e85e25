"""Form encoding with brackets: `items[0][price]=x&expand[]=y`."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qsl

from simulator.protocol.errors import StripeError

Tree = dict[str, Any]


def decode(text: str) -> Tree:
    """A tree of dicts with strings at its leaves; list elements have the keys "0", "1", …

    StripeError: brackets that do not close, or a name that is a value and a hash.
    """
    return grow(parse_qsl(text, keep_blank_values=True))


def grow(pairs: Iterable[tuple[str, Any]]) -> Tree:
    tree: Tree = {}
    for name, value in pairs:
        keys = _keys(name)
        node, last = tree, keys[-1]
        for key, following in pairwise(keys):
            node = node.setdefault(_element(node, following) if key == "" else key, {})
            if not isinstance(node, dict):
                raise StripeError("Invalid hash", param=name)
        last = str(len(node)) if last == "" else last
        if isinstance(node.get(last), dict):
            raise StripeError("Invalid hash", param=name)
        node[last] = value
    return tree


def _keys(name: str) -> list[str]:
    head, bracket, rest = name.partition("[")
    if not bracket:
        return [name]
    if not rest.endswith("]") or not head:
        raise StripeError(f"Invalid parameter name: {name}", param=name)
    return [head, *rest[:-1].split("][")]


def _element(node: Tree, following: str) -> str:
    """`a[][x]=1&a[][y]=2` fills one element, until a name repeats."""
    reached = node.get(str(len(node) - 1))
    grows = isinstance(reached, dict) and following not in reached
    return str(len(node) - 1 if grows else len(node))
