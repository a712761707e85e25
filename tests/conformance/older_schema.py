"""A second opinion on types, enumerations and nulls: Stripe's own specification of 2023, for what both versions know.

OpenAPI 3.0 becomes JSON Schema 2020-12 (`nullable` a branch of null, beside `$ref`, too; references to `$defs`), and
that a function for each schema: objects are many.
"""

import gzip
import json
import os
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

# (value, path) to what is wrong with it.
Check = Callable[[Any, str], list[str]]

corpora = os.environ.get("COUNTERFOIL_CORPORA", "")
_FOLDER = Path(corpora) / "stripe-openapi"
# What says nothing of a value, or only how it is drawn.
_PROSE = {"description", "title", "nullable", "discriminator", "example"}
# Required in 2023, and gone since: the field that took its place.
GONE = {
    "credit_note.tax_amounts": "total_taxes",
    "credit_note.lines.data[].tax_amounts": "taxes",
    "discount.coupon": "source",
    "invoice.lines.data[].proration": "parent",
    "invoice.lines.data[].type": "parent",
    "invoice.paid": "status",
    "invoice.paid_out_of_band": "amount_paid_off_stripe",
    "invoice.total_tax_amounts": "total_taxes",
    "line_item.proration": "parent",
    "line_item.type": "parent",
    "product.features": "marketing_features",
    "promotion_code.coupon": "promotion",
}
# Enumerations that have grown; the annotations of the package hold the new values.
GROWN = {
    "balance_transaction.type",
    "dispute.status",
    "radar.value_list.item_type",
    "review.closed_reason",
    "tax_rate.tax_type",
}
# Null in the examples of 2026, or always there in them, and not nullable in 2023.
NULLABLE = {
    "account.settings.bacs_debit_payments.display_name",
    "dispute.payment_method_details",
}
_TYPES: dict[str, tuple[type, ...]] = {
    "array": (list,),
    "boolean": (bool,),
    "integer": (int,),
    "null": (type(None),),
    "number": (int, float),
    "object": (dict,),
    "string": (str,),
}


def differences(doc: dict[str, Any]) -> list[str]:
    """What the specification finds wrong in an object or event, without what has changed since."""
    if not corpora or doc.get("deleted") is True:
        return []
    if doc.get("object") == "event":
        return differences(doc["data"]["object"])
    name = str(doc.get("object"))
    if name not in schemas():
        return []
    return [wrong for wrong in check(name)(doc, name) if not _has_changed(wrong)]


def _has_changed(wrong: str) -> bool:
    path, _, what = wrong.partition(": ")
    if "is none of" in what:
        return path in GROWN
    if what.startswith("None is no"):
        return path in NULLABLE
    # Objects stand inside others, too, such as the discount of a customer.
    return what == "missing" and any(path == gone or path.endswith(f".{gone}") for gone in GONE)


def convert(node: Any) -> Any:
    """An OpenAPI 3.0 schema, or a part of one, as JSON Schema."""
    if isinstance(node, list):
        return [convert(item) for item in node]
    if not isinstance(node, dict):
        return node
    found = {name: convert(value) for name, value in node.items() if name not in _PROSE and not name.startswith("x-")}
    if isinstance(node.get("properties"), dict):
        found["properties"] = {name: convert(value) for name, value in node["properties"].items()}
    if "$ref" in node:
        found["$ref"] = node["$ref"].replace("#/components/schemas/", "#/$defs/")
    return {"anyOf": [found, {"type": "null"}]} if node.get("nullable") is True else found


@cache
def schemas() -> dict[str, Any]:
    """JSON Schemas by name, as `$defs` of each other."""
    content = (_FOLDER / "openapi-2023-08-16.json.gz").read_bytes()
    components = json.loads(gzip.decompress(content))["components"]["schemas"]
    return {name: convert(schema) for name, schema in components.items()}


def examples() -> dict[str, Any]:
    """Stripe's examples of the same version, by name of their schema."""
    found: dict[str, Any] = json.loads((_FOLDER / "fixtures3-2023-09.json").read_text(encoding="utf-8"))
    return found["resources"]  # type: ignore[no-any-return]


@cache
def check(name: str) -> Check:
    return _compiled(schemas()[name])


def _compiled(schema: dict[str, Any]) -> Check:
    """Every keyword that the specification uses; another one is a KeyError."""
    checks = [_KEYWORDS[keyword](value) for keyword, value in schema.items()]
    if len(checks) == 1:
        return checks[0]
    return lambda value, path: [wrong for one in checks for wrong in one(value, path)]


def _ref(pointer: str) -> Check:
    name = pointer.removeprefix("#/$defs/")

    def fits(value: Any, path: str) -> list[str]:
        # Looked up when used: schemas refer to each other in circles.
        return check(name)(value, path)

    return fits


def _type(name: str) -> Check:
    allowed = _TYPES[name]

    def fits(value: Any, path: str) -> list[str]:
        right = isinstance(value, allowed) and isinstance(value, bool) is (name == "boolean")
        return [] if right else [f"{path}: {value!r} is no {name}"]

    return fits


def _any_of(options: list[dict[str, Any]]) -> Check:
    checks = [_compiled(option) for option in options]

    def one(value: Any, path: str) -> list[str]:
        found: list[list[str]] = []
        for option in checks:
            wrong = option(value, path)
            if not wrong:
                return []
            found.append(wrong)
        # That of the likeliest: the deepest goes furthest.
        return max(found, key=lambda wrong: max(len(line.split(":")[0]) for line in wrong))

    return one


def _properties(fields: dict[str, Any]) -> Check:
    checks = {name: _compiled(schema) for name, schema in fields.items()}

    def each(value: Any, path: str) -> list[str]:
        if not isinstance(value, dict):
            return []
        known = [(name, checks[name]) for name in value if name in checks]
        return [wrong for name, one in known for wrong in one(value[name], f"{path}.{name}")]

    return each


def _required(names: list[str]) -> Check:
    def all_(value: Any, path: str) -> list[str]:
        missing = [name for name in names if name not in value] if isinstance(value, dict) else []
        return [f"{path}.{name}: missing" for name in missing]

    return all_


def _items(schema: dict[str, Any]) -> Check:
    item = _compiled(schema)
    return lambda value, path: (
        [wrong for one in value for wrong in item(one, f"{path}[]")] if isinstance(value, list) else []
    )


def _additional(schema: Any) -> Check:
    if isinstance(schema, bool):
        # It forbids nothing: every `false` would stand beside fields that came later.
        return lambda value, path: []
    item = _compiled(schema)
    return lambda value, path: (
        [wrong for one in value.values() for wrong in item(one, f"{path}.*")] if isinstance(value, dict) else []
    )


_KEYWORDS: dict[str, Callable[[Any], Check]] = {
    "$ref": _ref,
    "additionalProperties": _additional,
    "anyOf": _any_of,
    "enum": lambda choices: lambda value, path: [] if value in choices else [f"{path}: {value!r} is none of {choices}"],
    "format": lambda name: lambda value, path: [],
    "items": _items,
    "maxLength": lambda most: (
        lambda value, path: [f"{path}: longer than {most}"] if isinstance(value, str) and len(value) > most else []
    ),
    "pattern": lambda pattern: (
        lambda value, path: [f"{path}: {value!r}"] if isinstance(value, str) and not re.search(pattern, value) else []
    ),
    "properties": _properties,
    "required": _required,
    "type": _type,
}
