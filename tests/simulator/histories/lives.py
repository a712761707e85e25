"""Merchants' lives in a test: short ones, in which everything goes wrong that can."""

import json
from collections import Counter
from dataclasses import replace
from typing import Any

from simulator.engine import Engine
from simulator.worlds.history import History, begin
from simulator.worlds.merchants import PROFILES
from simulator.worlds.profile import Habits, Profile
from simulator.worlds.world import World

DAY = 24 * 3600
TROUBLES = Habits(
    returning=6000, guest=1500, authenticated=5000, declined=2500, abandoned=500, elevated=900, blocked=300,
    refunded=1800, disputed=1200, warned=900, refund_fails=3000, payout_fails=800,
)  # fmt: skip


def troubled(name: str = "outdoor", **habits: int) -> Profile:
    """A profile with a little of everything in a few payments; its attacks are left to the test."""
    own = PROFILES[name]
    things, payment_ways = own.catalogue[:4], {"intent": 60, "checkout": 12, "link": 4, "invoice": 12, "debit": 12}
    return replace(own, habits=replace(TROUBLES, **habits), attacks=None, catalogue=things, channels=payment_ways)


def lived(
    profile: Profile,
    payments: int,
    *,
    days: int = 60,
    rest: int = 150,
    seed: str = "1",
    engine: Engine | None = None,
    kind: type[World] = World,
) -> World:
    """A world after so many payments, and after the days in which their disputes and refunds come to an end."""
    engine = engine or Engine(None)
    world = kind(engine, profile, f"acct_{profile.name}", seed)
    start = engine.clock.now()
    begin(world, start, start + days * DAY, payments=payments)
    History(engine, [world]).run(start + (days + rest) * DAY)
    return world


def docs(world: World, kind: str) -> list[dict[str, Any]]:
    """Oldest first."""
    rows = world.engine.store.db.execute(
        "select body from object where account = ? and kind = ? order by seq", (world.account, kind)
    )
    return [json.loads(body) for (body,) in rows]


def kinds(world: World) -> Counter[str]:
    return Counter(dict(world.engine.store.db.execute("select kind, count(*) from object group by kind")))
