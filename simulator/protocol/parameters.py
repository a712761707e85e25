"""Parameters against their shape: typed values come out, Stripe's errors where they do not fit.

Types are those of spec/parameters.json. A value that unsets its field ("") comes out as None.
"""

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from simulator import spec
from simulator.protocol.errors import StripeError, empty_parameter, missing_parameter, unknown_parameter
from simulator.protocol.forms import Tree

_INTEGER = re.compile(r"[+-]?\d{1,15}")
_TOO_MUCH = 10**15
Shape = dict[str, Any]


def check(tree: Tree, shape: Shape, inside: str = "") -> dict[str, Any]:
    """The parameters, converted. StripeError: unknown, missing, or of the wrong type."""
    values = {}
    for name, value in tree.items():
        required = name not in shape
        kind = shape.get(f"{name}!") if required else shape[name]
        if kind is None:
            raise unknown_parameter(_path(inside, name))
        values[name] = _convert(value, kind, _path(inside, name), required=required)
    for name in shape:
        if name[-1] == "!" and name[:-1] not in values:
            raise missing_parameter(_path(inside, name[:-1]))
    return values


def _path(inside: str, name: str) -> str:
    return f"{inside}[{name}]" if inside else name


def _convert(value: Any, kind: Any, path: str, *, required: bool = True) -> Any:
    match kind:
        case {"empty": inner}:
            return None if value == "" else _convert(value, inner, path)
        case str() if kind.startswith("#"):
            return check(_tree(value, path), spec.shape(kind), path)
        case str():
            return _scalar(value, kind, path, required=required)
        case list():
            return _choice(value, kind, path)
        case {"list": inner}:
            return [_convert(item, inner, f"{path}[{key}]") for key, item in _items(value, path)]
        case {"map": inner}:
            tree = _tree(value, path)
            return {key: _entry(item, inner, f"{path}[{key}]") for key, item in tree.items()}
        case {"any": kinds}:
            return _first(value, kinds, path)
    raise TypeError(f"{path}: no such type as {kind!r}")


def _entry(value: Any, kind: Any, path: str) -> Any:
    # An empty entry of a map unsets this key alone.
    return None if value == "" else _convert(value, kind, path)


def _tree(value: Any, path: str) -> Tree:
    if not isinstance(value, dict):
        raise StripeError("Invalid hash", param=path)
    return value


def _items(value: Any, path: str) -> list[tuple[str, Any]]:
    if value == "":
        return []
    if isinstance(value, list):
        return [(str(number), item) for number, item in enumerate(value)]
    if not isinstance(value, dict) or not all(key.isdigit() for key in value):
        raise StripeError("Invalid array", param=path)
    return sorted(value.items(), key=lambda item: int(item[0]))


def _scalar(value: Any, kind: str, path: str, *, required: bool) -> Any:
    if kind in ("any", "file"):
        return value
    if isinstance(value, dict | list):
        raise StripeError(f"Invalid {kind}: {path} is no hash", param=path)
    if value == "":
        if kind == "string" and not required:
            return None
        raise empty_parameter(path)
    return _CONVERSIONS[kind](value, path)


def _string(value: Any, path: str) -> str:
    if not isinstance(value, str):
        raise StripeError(f"Invalid string: {value}", code="parameter_invalid_string", param=path)
    return value


def _integer(value: Any, path: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if not isinstance(value, str) or not _INTEGER.fullmatch(value):
        raise StripeError(f"Invalid integer: {value}", code="parameter_invalid_integer", param=path)
    return int(value)


def _boolean(value: Any, path: str) -> bool:
    if value in ("true", "1", True):
        return True
    if value in ("false", "0", False):
        return False
    raise StripeError(f"Invalid boolean: {value}", code="parameter_invalid_boolean", param=path)


def _decimal(value: Any, path: str) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number) >= _TOO_MUCH:
        raise StripeError(f"Invalid decimal: {value}", code="parameter_invalid_decimal", param=path)
    return number


_CONVERSIONS = {
    "string": _string,
    "integer": _integer,
    "boolean": _boolean,
    "decimal": _decimal,
    "number": _decimal,
}


def _choice(value: Any, choices: list[Any], path: str) -> Any:
    for choice in choices:
        if value == choice or (not isinstance(choice, str) and value == str(choice).lower()):
            return choice
    named = ", ".join(str(choice) for choice in choices[:-1])
    listed = f"{named}, or {choices[-1]}" if named else str(choices[-1])
    if value == "":
        raise empty_parameter(path)
    raise StripeError(f"Invalid {path}: must be one of {listed}", param=path)


def _first(value: Any, kinds: list[Any], path: str) -> Any:
    """The first of several types that fits; the error of the likeliest one otherwise."""
    likely = [kind for kind in kinds if _is_composite(kind) == isinstance(value, dict | list)]
    failure: StripeError | None = None
    for kind in likely or kinds:
        try:
            return _convert(value, kind, path)
        except StripeError as error:
            failure = failure or error
    raise failure or StripeError(f"Invalid {path}", param=path)


def _is_composite(kind: Any) -> bool:
    return isinstance(kind, dict) or (isinstance(kind, str) and kind.startswith("#"))
