"""The hash of one audit row: SHA-256 over canonical JSON of every column except the hash itself."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from billing.audit.models import AuditEvent

_COLUMNS = tuple(field.attname for field in AuditEvent._meta.concrete_fields if field.attname != "hash")


def canonical(value: Any) -> str:
    """JSON with one spelling: keys sorted, no spaces, ASCII only."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def digest(event: AuditEvent) -> str:
    """Hexadecimal; columns are read off the model, so a new one cannot be forgotten."""
    content = {column: _plain(getattr(event, column)) for column in _COLUMNS}
    return hashlib.sha256(canonical(content).encode("ascii")).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value if value is None or isinstance(value, int | str | dict | list | bool | float) else str(value)
