"""The keys that Stripe's own examples have: what an object of ours lacks of them.

Closes the gap of annotations.py, to which a field that is Optional may as well be absent.
"""

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

corpora = os.environ.get("COUNTERFOIL_CORPORA", "")
# Which of its keys such a hash has depends on a `type` inside or beside it, or on what was asked for.
_ONE_OF = {
    *("available", "bank_transfer", "capabilities", "customer_acceptance", "data", "destination_details", "metadata"),
    *("next_action", "parameters", "payment_method_details", "payment_method_options"),
}
# Keys of the examples that the package no longer knows.
GONE = {("invoice", "subscription")}
# Shown of cards and of few other methods; never null.
NOT_ALWAYS = {("dispute", "payment_method_details")}
# Keys that are there for one type only, that of the example.
_BY_TYPE = {"payment_method": {"card"}, "customer_cash_balance_transaction": {"funded"}}


def missing_keys(doc: dict[str, Any]) -> list[str]:
    """Keys of the official example that ``doc`` lacks; nothing where there are no corpora or no such example."""
    if doc.get("deleted"):
        return []
    if doc.get("object") == "event":
        return _missing(doc, example("event"), "event") + missing_keys(doc["data"]["object"])
    name = str(doc.get("object"))
    other = _BY_TYPE.get(name, set()) - {doc.get("type")}
    return _missing(doc, {key: value for key, value in example(name).items() if key not in other}, name)


def _missing(doc: dict[str, Any], model: dict[str, Any], path: str) -> list[str]:
    found = []
    for name, value in model.items():
        inside = f"{path}.{name}"
        if name not in doc:
            found.append(inside)
        elif isinstance(value, dict) and isinstance(doc[name], dict) and name not in _ONE_OF and "object" not in value:
            found += _missing(doc[name], value, inside)
    return [lost for lost in found if tuple(lost.split(".", 1)) not in GONE | NOT_ALWAYS]


@cache
def example(name: str) -> dict[str, Any]:
    return examples().get(name, {})


@cache
def examples() -> dict[str, Any]:
    """Object names to Stripe's example of each."""
    if not corpora:
        return {}
    path = Path(corpora) / "stripe-openapi" / "fixtures3-2026-08.json"
    resources: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["resources"]
    return resources
