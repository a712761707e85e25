"""What each endpoint takes, generated from Stripe's own package (see generate.py)."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

_PLACEHOLDER = re.compile(r"\{[^}]+\}")


@cache
def _table() -> dict[str, Any]:
    table = json.loads(Path(__file__).with_name("parameters.json").read_text(encoding="utf-8"))
    table["endpoints"] = {anonymous(key): shape for key, shape in table["endpoints"].items()}
    return table  # type: ignore[no-any-return]


def anonymous(key: str) -> str:
    """`POST /v1/refunds/{refund}` without the name of its placeholder."""
    return _PLACEHOLDER.sub("{}", key)


def version() -> str:
    """The API version that everything is rendered in."""
    return _table()["version"]  # type: ignore[no-any-return]


def parameters(method: str, path: str) -> dict[str, Any] | None:
    """The shape of an endpoint's parameters, or None where Stripe's package has no such endpoint."""
    reference = _table()["endpoints"].get(anonymous(f"{method} {path}"))
    return shape(reference) if reference else None


def shape(reference: str) -> dict[str, Any]:
    """The fields of `#Name`; a name that ends in `!` is required."""
    return _table()["shapes"][reference.removeprefix("#")]  # type: ignore[no-any-return]
