"""Does the work of a keyed request once, however often it is sent."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from billing import clock
from billing.idempotency.models import IdempotencyKey

_TAKE = """
INSERT INTO idempotency_key (merchant_id, key, request_hash, created_at) VALUES (%s, %s, %s, %s)
ON CONFLICT (merchant_id, key) DO NOTHING RETURNING id
"""
_ANSWER = "UPDATE idempotency_key SET response = %s::jsonb WHERE id = %s"


class KeyMalformed(ValueError):
    """A key that is empty, longer than 255 characters or not printable ASCII."""


class KeyReused(Exception):
    """The key came before with another request; nothing was done (409)."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the request is answered with; ``repeated`` when the work was done by an earlier one."""

    response: Any
    repeated: bool


def once(*, merchant_id: int | None, key: str, request: Mapping[str, Any], work: Callable[[], Any]) -> Answer:
    """Run ``work`` unless the same request with this key was answered already; then repeat that answer.

    ``request`` is everything the answer depends on, action included; ``work`` returns JSON. It runs in one
    transaction with the key's row, so it may call no processor; when it raises, the key stays free. A second
    request in flight waits for the first to commit. Raises KeyMalformed, KeyReused.
    """
    if not (1 <= len(key) <= 255 and key.isascii() and key.isprintable()):
        raise KeyMalformed("An idempotency key has 1 to 255 printable ASCII characters.")
    request_hash = _request_hash(request)
    whose: dict[str, Any] = {"merchant_id": merchant_id, "key": key}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_TAKE, [merchant_id, key, request_hash, clock.now()])
        taken = cursor.fetchone()
        if taken:
            response = work()
            cursor.execute(_ANSWER, [json.dumps(response), taken[0]])
            return Answer(response, repeated=False)
        # Whoever took it has committed: this statement waited for that.
        row = IdempotencyKey.objects.get(**whose)
    if row.request_hash != request_hash:
        raise KeyReused("This idempotency key was used for another request.")
    return Answer(row.response, repeated=True)


def _request_hash(request: Mapping[str, Any]) -> str:
    body = json.dumps(request, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(body.encode("ascii")).hexdigest()
