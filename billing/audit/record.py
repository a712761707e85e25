"""Adds a row to a merchant's audit chain, or to the platform's own."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet

from billing import clock
from billing.audit.actor import Actor
from billing.audit.digest import digest
from billing.audit.models import GENESIS, AuditEvent
from billing.compiled import Compiled

_collected: ContextVar[list[AuditEvent] | None] = ContextVar("collected", default=None)
# First half of the advisory lock's key; the second names the chain.
_LOCK_CLASS = 0x41554449
_LOCK_CHAINS = 0x7FFFFFFF


class AuditOutsideTransaction(RuntimeError):
    """An audit row must commit or vanish together with the act that it records."""


class AuditValueRefused(TypeError):
    """A value that would not read back from the database exactly as it was hashed."""


def record(
    *,
    merchant_id: int | None,
    actor: Actor,
    action: str,
    object_type: str,
    object_id: str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
) -> AuditEvent:
    """Write the row as the last statements of the caller's transaction: its chain stays locked until the commit.

    before and after hold what changed, never secrets or personal data. Raises AuditOutsideTransaction,
    AuditValueRefused for floats and other values without one spelling in JSON.
    """
    if not connection.in_atomic_block:
        raise AuditOutsideTransaction(f"{action} must be recorded inside transaction.atomic()")
    event = AuditEvent(
        merchant_id=merchant_id,
        occurred_at=clock.now(),
        actor_kind=actor.kind,
        actor_id=_text(actor.id),
        actor_label=_text(actor.label),
        on_behalf_of=_text(actor.on_behalf_of),
        request_id=_text(actor.request_id),
        address=_text(actor.address),
        action=_text(action),
        object_type=_text(object_type),
        object_id=_text(object_id),
        before=None if before is None else _json(before),
        after=None if after is None else _json(after),
        reason=_text(reason),
    )
    collected = _collected.get()
    if collected is None:
        _append(merchant_id, [event])
    else:
        collected.append(event)
    return event


@contextmanager
def recorded_together() -> Iterator[None]:
    """Rows that are recorded in the block, each chain's in their order, are written at its end: the last statements of
    the caller's transaction. Until then they have no place in their chain; of a block that fails none is written."""
    events: list[AuditEvent] = []
    token = _collected.set(events)
    try:
        yield
    finally:
        _collected.reset(token)
    chains: dict[int | None, list[AuditEvent]] = defaultdict(list)
    for event in events:
        chains[event.merchant_id].append(event)
    # In the same order by everybody, so that no two wait for each other.
    for merchant_id in sorted(chains, key=lambda chain: chain or 0):
        _append(merchant_id, chains[merchant_id])


def _append(merchant_id: int | None, events: Sequence[AuditEvent]) -> None:
    # A savepoint, so that a refused insert leaves the caller's transaction usable.
    with transaction.atomic():
        last, previous = _head(merchant_id)
        for seq, event in enumerate(events, start=last + 1):
            event.seq, event.prev_hash = seq, previous
            event.hash = previous = digest(event)
        AuditEvent.objects.bulk_create(events)


def _head(merchant_id: int | None) -> tuple[int, str]:
    """Sequence number and hash of the last row, once the chain is ours."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK_CLASS, (merchant_id or 0) & _LOCK_CHAINS])
    # A statement of its own: only a snapshot taken after the lock sees the row of whoever held it before.
    found = _LAST_OF_PLATFORM() if merchant_id is None else _LAST(merchant_id)
    return found[0] if found else (0, GENESIS)


def _last(merchant_id: int) -> QuerySet[AuditEvent, tuple[int, str]]:
    return _newest(AuditEvent.objects.filter(merchant_id=merchant_id))


def _last_of_platform() -> QuerySet[AuditEvent, tuple[int, str]]:
    return _newest(AuditEvent.objects.filter(merchant_id=None))


def _newest(chain: QuerySet[AuditEvent]) -> QuerySet[AuditEvent, tuple[int, str]]:
    return chain.order_by("-seq").values_list("seq", "hash")[:1]


_LAST, _LAST_OF_PLATFORM = Compiled(_last), Compiled(_last_of_platform)


def _text(value: str) -> str:
    """PostgreSQL stores neither NUL nor half of a surrogate pair; an act must not fail for want of its record."""
    return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def _json(value: Any) -> Any:
    """The value in the types that JSON and PostgreSQL give back unchanged."""
    match value:
        # First, because members of TextChoices are str, too.
        case Enum():
            return _json(value.value)
        case None | bool() | int():
            return value
        case str():
            return _text(value)
        case UUID() | Decimal():
            return str(value)
        case datetime() | date():
            return value.isoformat()
        case Mapping():
            return {_key(key): _json(item) for key, item in value.items()}
        case list() | tuple():
            return [_json(item) for item in value]
    raise AuditValueRefused(f"an audit row cannot hold a {type(value).__name__}")


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise AuditValueRefused(f"keys in an audit row are text, not {type(key).__name__}")
    return _text(key)
