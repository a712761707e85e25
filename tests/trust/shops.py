"""Merchants that a test opens for itself, so that tests can share an installation."""

import random
import time
from collections.abc import Sequence

from tests.trust.installation import Installation
from tests.trust.sender import Load, Shop, with_duplicates
from tests.trust.stories import Letter, Told, tell

# A day begins at very different moments in these.
ZONES = ("Europe/Paris", "America/New_York", "Pacific/Kiritimati", "Asia/Kathmandu")


def open_shops(site: Installation, *, seed: int, count: int = 3, livemode: bool = False) -> list[Shop]:
    """Fresh merchants with a connection each, whatever the installation holds already."""
    chance = random.Random(f"shops {seed} {time.time_ns()}")
    return [_open(site, zone, f"trust-{chance.randrange(10**12)}", livemode) for zone in ZONES[:count]]


def _open(site: Installation, zone: str, slug: str, livemode: bool) -> Shop:
    secret = f"whsec_{slug}"
    opened = site.actor.ask("open_shop", slug=slug, zone=zone, livemode=livemode, secret=secret)
    return Shop(**opened, secret=secret, zone=zone, livemode=livemode)


def write(
    shops: Sequence[Shop], *, seed: int, events: int, duplicates: float = 0.2, orders: tuple[str, ...] = ()
) -> tuple[Told, list[Letter]]:
    """Stories for these shops, and their deliveries: a share twice, all in random order."""
    # Whole hours, so that a seed tells the same stories for a while.
    until = int(time.time()) // 3600 * 3600
    told = tell(seed, events=events, shops=len(shops), livemode=shops[0].livemode, until=until, orders=orders)
    return told, with_duplicates(told.letters, share=duplicates, seed=seed)


def load(site: Installation, shops: Sequence[Shop], deliveries: Sequence[Letter], *, rate: float = 0.0) -> Load:
    running = Load(site.port, shops, deliveries, rate=rate).start()
    site.at_the_end(running.stop)
    return running
