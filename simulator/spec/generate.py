"""Writes parameters.json: what each endpoint of Stripe takes, read from the annotations of the `stripe` package.

`python -m simulator.spec.generate`. Nothing else of the simulator imports that package.
"""

import ast
import importlib
import json
import types
import typing
from collections.abc import Iterator
from decimal import Decimal
from operator import itemgetter
from pathlib import Path
from typing import Any, Literal, NotRequired, Required, get_args, get_origin

import stripe
from typing_extensions import is_typeddict

TARGET = Path(__file__).with_name("parameters.json")
_SCALARS: dict[Any, str] = {
    str: "string",
    int: "integer",
    bool: "boolean",
    float: "number",
    Decimal: "decimal",
    bytes: "file",
    Any: "any",
    object: "any",
}
# Values that Stripe takes, as its own scripts show, though the package does not have them.
_OLDER = {("SessionCreateParamsPaymentMethodOptionsCustomerBalanceBankTransfer", "type!"): ["jp_bank_account"]}


class Shapes:
    """Parameter shapes by name, each different one kept once."""

    def __init__(self) -> None:
        self.named: dict[str, dict[str, Any]] = {}
        self._known: dict[str, str] = {}
        self._done: dict[Any, str] = {}

    def of(self, params: Any) -> str:
        """A reference to the shape of a TypedDict."""
        if params not in self._done:
            hints = _hints(params)
            options = _request_options()
            fields = dict(self._field(name, hint) for name, hint in sorted(hints.items()) if name not in options)
            text = json.dumps(fields, sort_keys=True)
            name = self._known.setdefault(text, params.__name__ if params.__name__ not in self.named else _long(params))
            self.named[name] = fields
            self._done[params] = f"#{name}"
        return self._done[params]

    def _field(self, name: str, hint: Any) -> tuple[str, Any]:
        required = get_origin(hint) is not NotRequired
        if get_origin(hint) in (NotRequired, Required):
            hint = get_args(hint)[0]
        return (f"{name}!" if required else name), self._type(hint)

    def _type(self, hint: Any) -> Any:
        origin = get_origin(hint)
        if origin is Literal:
            return sorted(get_args(hint), key=str)
        if origin in (typing.Union, types.UnionType):
            return self._union([member for member in get_args(hint) if member is not type(None)])
        if origin is list:
            return {"list": self._type(get_args(hint)[0])}
        if origin is dict:
            return {"map": self._type(get_args(hint)[1])}
        if is_typeddict(hint):
            return self.of(hint)
        return _SCALARS[hint]

    def _union(self, members: list[Any]) -> Any:
        members = [
            member
            for member in members
            if "UntypedStripeObject" not in str(member) and get_origin(member) is not typing.IO
        ]
        values = {value for member in members if get_origin(member) is Literal for value in get_args(member)}
        rest = [self._type(member) for member in members if get_origin(member) is not Literal]
        closed = sorted(values - {""}, key=str)
        if closed:
            # `| str` beside literals only says that Stripe may add values.
            rest = [closed, *(member for member in rest if member != "string")]
        kind = rest[0] if len(rest) == 1 else {"any": rest}
        return {"empty": kind} if "" in values else kind


def _hints(params: Any) -> dict[str, Any]:
    # That name is imported for type checkers only, and is no parameter.
    names = {**vars(typing), **vars(importlib.import_module(params.__module__)), "StripeContext": str}
    return typing.get_type_hints(params, localns=names, include_extras=True)


def _request_options() -> set[str]:
    return set(_hints(importlib.import_module("stripe._request_options").RequestOptions))


def _long(params: Any) -> str:
    module = str(params.__module__).removeprefix("stripe.params.").replace("._", ".")
    return f"{module}.{params.__name__}"


def endpoints() -> Iterator[tuple[str, Any]]:
    """Each `METHOD /v1/path` with the TypedDict of its parameters."""
    for path in sorted(Path(stripe.__file__).parent.rglob("_*_service.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        modules = {
            alias.name: node.module
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("stripe.params")
            for alias in node.names
        }
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef):
                yield from _requests(function, modules)


def _requests(function: ast.FunctionDef, modules: dict[str, str]) -> Iterator[tuple[str, Any]]:
    names = {
        node.value
        for argument in function.args.args
        if argument.arg == "params" and argument.annotation
        for node in ast.walk(argument.annotation)
        if isinstance(node, ast.Constant) and node.value in modules
    }
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "_request":
            method, path = node.args[0], node.args[1]
            text = path.func.value if isinstance(path, ast.Call) else path  # type: ignore[attr-defined]
            if ast.literal_eval(text).startswith("/v1/"):
                name = names.pop() if names else None
                params = getattr(importlib.import_module(modules[name]), name) if name else None
                yield f"{ast.literal_eval(method).upper()} {ast.literal_eval(text)}", params


def generate() -> str:
    shapes = Shapes()
    table = {key: shapes.of(params) if params else None for key, params in sorted(endpoints(), key=itemgetter(0))}
    for (name, field), values in _OLDER.items():
        shapes.named[name][field] = sorted([*shapes.named[name][field], *values])
    used = json.dumps(table) + json.dumps(shapes.named)
    lines = [
        f"{json.dumps(name)}: {json.dumps(fields)}"
        for name, fields in sorted(shapes.named.items())
        if f'"#{name}"' in used
    ]
    paths = [f"{json.dumps(key)}: {json.dumps(shape)}" for key, shape in table.items()]
    return (
        f'{{"version": {json.dumps(stripe.api_version)},\n"endpoints": {{\n'
        + ",\n".join(paths)
        + '},\n"shapes": {\n'
        + ",\n".join(lines)
        + "}}\n"
    )


if __name__ == "__main__":
    TARGET.write_text(generate(), encoding="utf-8")
