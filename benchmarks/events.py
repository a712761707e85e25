"""Distinct events as the processor writes them, signed."""

import hashlib
import hmac
import json
import random
import time
from collections.abc import Iterator
from dataclasses import replace

from benchmarks.shops import ACME, Shop
from benchmarks.stories import Story
from simulator.engine import Engine
from simulator.worlds.history import History, begin
from simulator.worlds.merchants import PROFILES
from simulator.worlds.world import World

HEARD = (
    *("payment_intent.", "charge.", "refund.", "customer.created", "customer.updated", "payment_method.", "payout."),
    *("radar.early_fraud_warning.", "review.", "invoice."),
)
# Some payments fail and some are refunded, as in a shop.
_DECLINED, _REFUNDED = 0.1, 0.05


def tell_events(seed: int) -> Iterator[dict[str, object]]:
    """Events of one payment after the other, without end: created, charged, succeeded or declined, refunded."""
    chance = random.Random(seed)
    shop: Shop = replace(ACME, slug=f"bench-{seed}")
    at = int(time.time()) - 90 * 86_400
    for number in range(10**9):
        story = Story(shop, chance, at + chance.randrange(80 * 86_400), number)
        if chance.random() < _DECLINED:
            story.fail()
        else:
            charge = story.pay()
            if chance.random() < _REFUNDED:
                story.refund(charge)
        yield from story.events


def bodies(count: int, *, seed: int) -> list[bytes]:
    """That many events as bytes, about 1.5 kB each."""
    told = tell_events(seed)
    return [encoded(next(told)) for _ in range(count)]


def encoded(event: dict[str, object]) -> bytes:
    return json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode()


def lived(count: int, *, seed: int) -> list[bytes]:
    """That many events of a merchant's history at the simulator, of every type that anybody listens to: customers,
    their cards, payments, refunds, disputes, warnings, reviews, payouts, invoices."""
    engine = Engine(None, seed=str(seed))
    world = World(engine, PROFILES["outdoor"], f"acct_lived{seed}", str(seed))
    start, days = engine.clock.now(), 90
    begin(world, start, start + days * 86_400, payments=count // 5)
    History(engine, [world]).run(start + days * 86_400)
    rows = engine.store.db.execute("select body from object where kind = 'event' order by seq").fetchall()
    engine.close()
    heard = [body for (body,) in rows if json.loads(body)["type"].startswith(HEARD)]
    if len(heard) < count:
        raise ValueError(f"the history has {len(heard)} events of {count}")
    return [body.encode() for body in heard[:count]]


def request(path: str, body: bytes, *, secret: str, moment: int) -> bytes:
    """A whole HTTP/1.1 request with a body signed at ``moment`` (Unix time)."""
    digest = hmac.new(secret.encode(), b"%d." % moment + body, hashlib.sha256).hexdigest()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: Stripe/1.0 (+https://stripe.com/docs/webhooks)\r\n"
        f"Content-Type: application/json; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
        f"Stripe-Signature: t={moment},v1={digest}\r\n\r\n"
    )
    return head.encode() + body
