"""Read one field of an object that Stripe sent, whatever its API version left out."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from billing.providers.base import UnreadableObject
from billing.providers.stripe.amounts import received

# More than anybody pays at once, and few enough that the sums of a day fit a bigint.
_LARGEST = 10**15 - 1
# The end of 9998: in a zone east of Greenwich the last hours of 9999 are a day that Python does not know.
LATEST = 253_370_764_799


def identity(source: Mapping[str, Any]) -> str:
    """The object's own id. Raises UnreadableObject."""
    external_id = text(source, "id", 255)
    if not external_id:
        raise UnreadableObject("the object has no id")
    return external_id


def text(source: Mapping[str, Any], name: str, longest: int = 500) -> str:
    """A string, cut to length, without what PostgreSQL cannot hold; empty when absent."""
    value = source.get(name)
    return clean(value)[:longest] if isinstance(value, str) else ""


def clean(value: str) -> str:
    # Most texts are ids and words: nothing to look for in those.
    if value.isascii():
        return value.replace("\x00", "") if "\x00" in value else value
    return value.replace("\x00", "").encode("utf-8", "replace").decode()


def reference(source: Mapping[str, Any], name: str) -> str:
    """The id of another object, expanded or not; empty when absent."""
    value = source.get(name)
    if isinstance(value, Mapping):
        value = value.get("id")
    return clean(value)[:255] if isinstance(value, str) else ""


def payment_of(source: Mapping[str, Any]) -> tuple[str, str]:
    """The charge and the intent that an object is about. Old versions name the intent on an expanded charge only."""
    intent_id = reference(source, "payment_intent") or reference(section(source, "charge"), "payment_intent")
    return reference(source, "charge"), intent_id


def minor(source: Mapping[str, Any], name: str, code: str, default: int | None = None) -> int:
    """An amount in minor units of the currency ``code``, as ``default`` is. Raises UnreadableObject when it is absent
    without a default, or no such number."""
    value = signed(source, name, code, default)
    if value < 0:
        raise UnreadableObject(f"{name} is not an amount")
    return value


def signed(source: Mapping[str, Any], name: str, code: str, default: int | None = None) -> int:
    """An amount in minor units that may be negative. Raises UnreadableObject as ``minor`` does."""
    if source.get(name) is None and default is not None:
        return within(default, name)
    return received(whole(source, name), code, name)


def whole(source: Mapping[str, Any], name: str, default: int | None = None) -> int:
    """A whole number that any column can hold. Raises UnreadableObject as ``minor`` does."""
    value = source.get(name)
    if value is None:
        value = default
    if isinstance(value, bool) or not isinstance(value, int):
        raise UnreadableObject(f"{name} is not an amount")
    return within(value, name)


def within(value: int, name: str) -> int:
    """The value itself. Raises UnreadableObject for one that no column could hold."""
    if abs(value) > _LARGEST:
        raise UnreadableObject(f"{name} is not an amount")
    return value


def currency(source: Mapping[str, Any], name: str = "currency") -> str:
    """A code of three capital letters. Raises UnreadableObject."""
    code = currency_or_none(source, name)
    if not code:
        raise UnreadableObject(f"{name} is not a code of three letters")
    return code


def currency_or_none(source: Mapping[str, Any], name: str = "currency") -> str:
    """A code of three capital letters; empty when absent or no such code."""
    code = text(source, name, 4)
    return code.upper() if len(code) == 3 and code.isascii() and code.isalpha() else ""


def decimal(source: Mapping[str, Any], name: str) -> str:
    """A rate as a plain decimal number in text; empty when absent or not a positive number of usual size."""
    value = source.get(name)
    if value is None or isinstance(value, bool | Mapping | list):
        return ""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return ""
    if not number.is_finite() or number <= 0 or abs(number.adjusted()) > 11:
        return ""
    return format(number, "f")[:32]


def small(source: Mapping[str, Any], name: str) -> int | None:
    value = source.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 32_767 else None


def flag(source: Mapping[str, Any], name: str) -> bool:
    return source.get(name) is True


def moment(source: Mapping[str, Any], name: str) -> datetime:
    """A Unix time as UTC. Raises UnreadableObject."""
    value = source.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LATEST:
        raise UnreadableObject(f"{name} is not a time")
    return datetime.fromtimestamp(value, UTC)


def moment_or_none(source: Mapping[str, Any], name: str) -> datetime | None:
    """A Unix time as UTC; None when absent, no time, or 0, by which Stripe means "never"."""
    try:
        return moment(source, name) if source.get(name) else None
    except UnreadableObject:
        return None


def section(source: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A nested object; empty when absent."""
    value = source.get(name)
    return value if isinstance(value, Mapping) else {}


def entries(source: Mapping[str, Any], name: str) -> Sequence[Mapping[str, Any]]:
    """The objects of a nested list, plain or one of Stripe's pages; what is no object is left out."""
    value = source.get(name)
    if isinstance(value, Mapping):
        value = value.get("data")
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def metadata(source: Mapping[str, Any]) -> dict[str, str]:
    """The caller's own keys and values (Stripe: at most 50 keys of 40 and values of 500 characters)."""
    pairs = [(key, value) for key, value in section(source, "metadata").items() if _is_scalar(value)]
    return {clean(str(key))[:40]: clean(str(value))[:500] for key, value in pairs[:50]}


def _is_scalar(value: object) -> bool:
    return value is not None and not isinstance(value, Mapping | list)
