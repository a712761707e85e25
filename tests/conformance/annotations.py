"""Objects against the annotations of Stripe's own package, which are generated from its current specification.

Stricter than a type checker: literals are closed though the package adds `str` to them, a field that the package
does not know is an error, and one that is not Optional must be there.
"""

import ast
import importlib
import inspect
import typing
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from typing import Any, ClassVar, Literal, TypeVar, get_args, get_origin

import stripe
from stripe._object_classes import OBJECT_CLASSES
from stripe._stripe_object import StripeObject, UntypedStripeObject

# (value, path) to what is wrong with it.
Check = Callable[[Any, str], list[str]]
_STUB = {"id", "object", "deleted"}
_LIST = {"object", "data", "has_more", "url"}


def problems(doc: dict[str, Any], path: str = "") -> list[str]:
    """What is wrong with an answer or with `data.object` of an event; empty when nothing is."""
    name = doc.get("object")
    if name in ("list", "search_result"):
        return _listed(doc, path)
    if name == "event":
        return _of_class(stripe.Event)(doc, path) + problems(doc["data"]["object"], f"{doc['type']}: data.object")
    if name not in OBJECT_CLASSES:
        return [f"{path}: no object is called {name!r}"]
    return _of_class(class_of(str(name)))(doc, path or str(name))


def class_of(name: str) -> type[StripeObject]:
    module, attribute = OBJECT_CLASSES[name]
    return getattr(importlib.import_module(module), attribute)  # type: ignore[no-any-return]


def _listed(doc: dict[str, Any], path: str) -> list[str]:
    keys = _LIST | ({"next_page"} if doc["object"] == "search_result" else set())
    wrong = [f"{path}: {doc.keys() ^ keys}"] if doc.keys() != keys else []
    return wrong + [found for number, item in enumerate(doc["data"]) for found in problems(item, f"{path}[{number}]")]


@cache
def _of_class(cls: Any) -> Check:
    """A check of one class. Its fields are looked at when first used: classes refer to each other in circles."""
    return lambda value, path: _fields_differ(cls, value, path)


def _fields_differ(cls: Any, value: Any, path: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{path}: {value!r} is no {cls.__qualname__}"]
    if value.get("deleted") is True and value.keys() <= _STUB:
        return []
    fields = _fields(cls)
    wrong = [f"{path}.{name}: unknown" for name in value if name not in fields]
    for name, (required, check) in fields.items():
        if value.get(name) is not None:
            wrong += check(value[name], f"{path}.{name}")
        elif required:
            wrong.append(f"{path}.{name}: {'null' if name in value else 'missing'}")
    return wrong


@cache
def _fields(cls: Any) -> dict[str, tuple[bool, Check]]:
    fields = {}
    for name, hint in typing.get_type_hints(cls, localns=_names(cls.__module__)).items():
        if not name.startswith("_") and get_origin(hint) is not ClassVar:
            optional = get_origin(hint) is typing.Union and type(None) in get_args(hint)
            fields[getattr(cls, "_field_remappings", {}).get(name, name)] = (not optional, _check(hint))
    return fields


@cache
def _names(module_name: str) -> dict[str, Any]:
    """Everything that a module knows, what it imports for type checkers only included."""
    module = importlib.import_module(module_name)
    names: dict[str, Any] = {}
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.ImportFrom) and node.module and "params" not in node.module:
            for alias in node.names:
                found = getattr(importlib.import_module(node.module), alias.name, None)
                names[alias.asname or alias.name] = found
    return names | vars(module)


def _check(hint: Any) -> Check:
    origin, inner = get_origin(hint), get_args(hint)
    if origin is typing.Union:
        return _union([member for member in inner if member is not type(None)])
    if origin is Literal:
        return lambda value, path: [] if value in inner else [f"{path}: {value!r} is none of {inner}"]
    if origin is list:
        return _list(_check(inner[0]))
    if origin in (dict, UntypedStripeObject):
        return _map(_check(inner[-1]))
    if origin is stripe.ListObject:
        return _embedded_list(_check(inner[0]))
    if isinstance(hint, type) and issubclass(hint, StripeObject):
        return _of_class(hint)
    if hint is Any or isinstance(hint, TypeVar):
        return lambda value, path: []
    return _scalar(hint)


def _scalar(hint: Any) -> Check:
    allowed: tuple[type, ...] = {int: (int,), float: (int, float), Decimal: (str,)}.get(hint, (hint,))

    def check(value: Any, path: str) -> list[str]:
        fits = isinstance(value, allowed) and isinstance(value, bool) is (hint is bool)
        return [] if fits else [f"{path}: {value!r} is no {hint.__name__}"]

    return check


def _union(members: list[Any]) -> Check:
    if any(get_origin(member) is Literal for member in members):
        # `| str` beside literals only says that Stripe may add values.
        members = [member for member in members if member is not str]
    checks = [_check(member) for member in members]
    if len(checks) == 1:
        return checks[0]
    named = {getattr(member, "OBJECT_NAME", None): check for member, check in zip(members, checks, strict=True)}

    def check(value: Any, path: str) -> list[str]:
        if isinstance(value, dict) and value.get("object") in named:
            return named[value["object"]](value, path)
        found = [one(value, path) for one in checks]
        return min(found, key=len)

    return check


def _list(check: Check) -> Check:
    def each(value: Any, path: str) -> list[str]:
        if not isinstance(value, list):
            return [f"{path}: {value!r} is no list"]
        return [wrong for number, item in enumerate(value) for wrong in check(item, f"{path}[{number}]")]

    return each


def _map(check: Check) -> Check:
    def each(value: Any, path: str) -> list[str]:
        if not isinstance(value, dict):
            return [f"{path}: {value!r} is no hash"]
        return [wrong for name, item in value.items() for wrong in check(item, f"{path}.{name}")]

    return each


def _embedded_list(check: Check) -> Check:
    def each(value: Any, path: str) -> list[str]:
        # Lists say how many they are where the fixtures do.
        if not isinstance(value, dict) or not _LIST <= value.keys() <= _LIST | {"total_count"}:
            return [f"{path}: {value!r} is no list object"]
        return _list(check)(value["data"], f"{path}.data")

    return each
