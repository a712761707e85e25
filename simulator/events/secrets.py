"""Signing secrets of webhook endpoints. While one is rolled, two are active and sign every delivery."""

import hmac
from hashlib import sha256

from simulator.chance import Chance
from simulator.store import Store


def add(store: Store, chance: Chance, endpoint: str) -> str:
    secret = f"whsec_{chance.text('whsec', 32)}"
    store.db.execute("insert into secret (endpoint, secret) values (?, ?)", (endpoint, secret))
    return secret


def roll(store: Store, chance: Chance, endpoint: str, *, expires: int) -> str:
    """A new secret; the older ones sign until ``expires``."""
    store.db.execute(
        "update secret set expires = ? where endpoint = ? and (expires is null or expires > ?)",
        (expires, endpoint, expires),
    )
    return add(store, chance, endpoint)


def active(store: Store, endpoint: str, now: int) -> list[str]:
    """Newest first."""
    rows = store.db.execute(
        "select secret from secret where endpoint = ? and (expires is null or expires > ?) order by seq desc",
        (endpoint, now),
    )
    return [row[0] for row in rows]


def signature(body: bytes, secrets: list[str], at: int) -> str:
    """The header `Stripe-Signature`: the time, and one v1 for each secret."""
    signed = str(at).encode() + b"." + body
    marks = [f"v1={hmac.new(secret.encode(), signed, sha256).hexdigest()}" for secret in secrets]
    return ",".join([f"t={at}", *marks])
