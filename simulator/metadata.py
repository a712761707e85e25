"""Metadata: merged key by key, limited as at Stripe."""

from typing import Any

from simulator.protocol.errors import StripeError

KEYS, KEY, VALUE = 50, 40, 500


def merged(old: dict[str, str], given: dict[str, Any] | None) -> dict[str, str]:
    """``old`` with what was given: None unsets all, an entry that is None unsets its key."""
    if given is None:
        return {}
    for name, value in given.items():
        if len(name) > KEY:
            raise StripeError(f"Metadata keys must be at most {KEY} characters.", param=f"metadata[{name}]")
        if value is not None and len(value) > VALUE:
            raise StripeError(f"Metadata values must be at most {VALUE} characters.", param=f"metadata[{name}]")
    result = {name: value for name, value in (old | given).items() if value is not None}
    if len(result) > KEYS:
        raise StripeError(f"Metadata can have at most {KEYS} keys.", param="metadata")
    return result
