"""Stripe's webhook deliveries: verify them and read their envelope; ``objects`` reads what is in it."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from billing.providers.base import Callback, CallbackRefused
from billing.providers.stripe.fields import LATEST
from billing.providers.stripe.signature import verify

_ID = re.compile(r"[A-Za-z0-9_.\-]{1,255}", re.ASCII)
_TYPE = re.compile(r"[A-Za-z0-9_.\-]{1,120}", re.ASCII)
_VERSION = re.compile(r"[A-Za-z0-9_.\-]{0,40}", re.ASCII)


def parse_callback(headers: Mapping[str, str], body: bytes, secrets: Sequence[str], *, now: datetime) -> Callback:
    """Verify the raw bytes, then read them strictly. Raises CallbackRefused."""
    difference = verify(headers.get("stripe-signature", ""), body, secrets, now=now)
    return replace(read_envelope(body), clock_difference=difference)


def read_envelope(body: bytes) -> Callback:
    """What an event says of itself. Raises CallbackRefused for whatever is no strict JSON, or no event."""
    event = _read(body)
    data = event.get("data")
    target = data.get("object") if isinstance(data, dict) else None
    if not isinstance(target, dict):
        raise CallbackRefused("the event carries no object")
    livemode = event.get("livemode")
    if not isinstance(livemode, bool):
        raise CallbackRefused("the event does not say its mode")
    return Callback(
        event_id=_word(event, "id", _ID),
        type=_word(event, "type", _TYPE),
        api_version=_word(event, "api_version", _VERSION, optional=True),
        livemode=livemode,
        account=_word(event, "account", _ID, optional=True),
        object_type=_label(target.get("object"), _TYPE),
        object_id=_label(target.get("id"), _ID),
        occurred_at=_moment(event.get("created")),
        clock_difference=0,
    )


def _read(body: bytes) -> dict[str, Any]:
    try:
        event = json.loads(body.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise CallbackRefused("the body is not strict JSON") from error
    if not isinstance(event, dict):
        raise CallbackRefused("the body is not an object")
    return event


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a key stands twice")
    return result


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _word(event: Mapping[str, Any], name: str, pattern: re.Pattern[str], *, optional: bool = False) -> str:
    value = event.get(name)
    if value is None and optional:
        return ""
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise CallbackRefused(f"the event has no readable {name}")
    return value


def _label(value: object, pattern: re.Pattern[str]) -> str:
    return value if isinstance(value, str) and pattern.fullmatch(value) else ""


def _moment(value: object) -> datetime:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LATEST:
        raise CallbackRefused("the event has no readable time")
    return datetime.fromtimestamp(value, UTC)
