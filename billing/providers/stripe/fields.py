"""Read one field of an object that Stripe sent, whatever its API version left out."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from billing.providers.base import UnreadableObject

# More than anybody pays at once, and few enough that the sums of a day fit a bigint.
_LARGEST = 10**15 - 1
# The end of 9998: in a zone east of Greenwich the last hours of 9999 are a day that Python does not know.
LATEST = 253_370_764_799


def text(source: Mapping[str, Any], name: str, longest: int = 500) -> str:
    """A string, cut to length, without what PostgreSQL cannot hold; empty when absent."""
    value = source.get(name)
    return clean(value)[:longest] if isinstance(value, str) else ""


def clean(value: str) -> str:
    return value.replace("\x00", "").encode("utf-8", "replace").decode()


def reference(source: Mapping[str, Any], name: str) -> str:
    """The id of another object, expanded or not; empty when absent."""
    value = source.get(name)
    if isinstance(value, Mapping):
        value = value.get("id")
    return clean(value)[:255] if isinstance(value, str) else ""


def minor(source: Mapping[str, Any], name: str, default: int | None = None) -> int:
    """An amount in minor units. Raises UnreadableObject when it is absent without a default, or no such number."""
    value = source.get(name, default)
    if value is None:
        value = default
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _LARGEST:
        raise UnreadableObject(f"{name} is not an amount")
    return value


def small(source: Mapping[str, Any], name: str) -> int | None:
    value = source.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 32_767 else None


def moment(source: Mapping[str, Any], name: str) -> datetime:
    """A Unix time as UTC. Raises UnreadableObject."""
    value = source.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LATEST:
        raise UnreadableObject(f"{name} is not a time")
    return datetime.fromtimestamp(value, UTC)


def section(source: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A nested object; empty when absent."""
    value = source.get(name)
    return value if isinstance(value, Mapping) else {}


def metadata(source: Mapping[str, Any]) -> dict[str, str]:
    """The caller's own keys and values (Stripe: at most 50 keys of 40 and values of 500 characters)."""
    pairs = section(source, "metadata").items()
    return {clean(str(key))[:40]: clean(str(value))[:500] for key, value in list(pairs)[:50]}
