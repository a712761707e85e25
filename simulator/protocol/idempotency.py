"""Idempotency keys: the first answer is kept once the work began, and given again for a day of virtual time."""

import json
from hashlib import sha256
from typing import Any, NamedTuple

from simulator.protocol.errors import StripeError
from simulator.store import Store

KEPT_FOR = 24 * 3600
LONGEST = 255


class Kept(NamedTuple):
    status: int
    body: bytes
    request: str


def fingerprint(method: str, path: str, params: Any, content: bytes) -> str:
    text = json.dumps([method, path, params], sort_keys=True, default=str)
    return sha256(text.encode() + content).hexdigest()


def check_key(key: str) -> None:
    if len(key) > LONGEST:
        raise StripeError(
            f"Invalid idempotency key: at most {LONGEST} characters are allowed.", type="invalid_request_error"
        )


def recall(store: Store, account: str, key: str, print_: str, *, now: int) -> Kept | None:
    """The kept answer. StripeError: the key came with other parameters."""
    row = store.db.execute(
        "select fingerprint, status, body, request from idempotency where account = ? and key = ? and created > ?",
        (account, key, now - KEPT_FOR),
    ).fetchone()
    if row is None:
        return None
    if row[0] != print_:
        raise StripeError(
            "Keys for idempotent requests can only be used with the same parameters they were first used with. "
            f"Try using a key other than '{key}' if you meant to execute a different request.",
            type="idempotency_error",
        )
    return Kept(*row[1:])


def keep(store: Store, account: str, key: str, print_: str, answer: Kept, *, now: int) -> None:
    """Belongs into the transaction of the effect."""
    store.db.execute("delete from idempotency where created <= ?", (now - KEPT_FOR,))
    store.db.execute(
        "insert or replace into idempotency values (?, ?, ?, ?, ?, ?, ?)", (account, key, print_, *answer, now)
    )


def conflict(key: str) -> StripeError:
    return StripeError(
        "There is currently another in-progress request using this Idempotent Key (that probably means you submitted "
        f"twice, and the other request is still going through): {key}. Please try again later.",
        status=409,
        type="idempotency_error",
        code="idempotency_key_in_use",
        headers={"Stripe-Should-Retry": "true"},
    )
