"""R1: whoever is killed, no acknowledged event is lost and none takes effect twice."""

import random
import time

from tests.trust.installation import OURS, SERVERS, Installation
from tests.trust.oracle import settle, verify
from tests.trust.result import Result
from tests.trust.sender import Load
from tests.trust.shops import load, open_shops, write

DRAINED_WITHIN = 60


def run(*, seed: int, full: bool, site: Installation) -> Result:
    """SIGKILL at seeded points of the load, and processes that freeze for longer than their lease."""
    events, kills, freezes, rate = (10_000, 100, 6, 40.0) if full else (320, 5, 1, 90.0)
    result = Result("R1", seed, full)
    shops = open_shops(site, seed=seed)
    orders = tuple("slow:20" for _ in range(events // 20))
    told, deliveries = write(shops, seed=seed, events=events, orders=orders)
    chance = random.Random(f"kills {seed}")
    victims = [name for name in (*OURS, *SERVERS) for _ in range(kills // 5)] + ["freeze"] * freezes
    chance.shuffle(victims)
    points = sorted(chance.randrange(len(deliveries) // 50, len(deliveries) * 9 // 10) for _ in victims)
    running = load(site, shops, deliveries, rate=rate)
    thawing: dict[str, float] = {}
    for point, victim in zip(points, victims, strict=True):
        _wait(site, running, point, thawing)
        if victim == "freeze":
            name = chance.choice(("worker", "sweeper"))
            if name in site.processes and name not in thawing:
                site.pause(name)
                thawing[name] = time.monotonic() + site.timing.lease * 1.3
        else:
            thawing.pop(victim, None)
            site.kill(victim)
            site.start(victim)
    _wait(site, running, len(deliveries), thawing)
    while thawing:
        _thaw(site, thawing)
        time.sleep(0.05)
    site.restore()
    running.finish()
    drained = settle(site, within=DRAINED_WITHIN)
    if drained is None:
        result.problems.append(f"work is left {DRAINED_WITHIN} s after the last fault")
    result.problems += verify(site, shops, told, running)
    result.n = len(told.letters)
    result.facts = {
        "deliveries": running.done,
        "kills": kills,
        "freezes": freezes,
        "failed_tries": len(running.failures),
        "drained": drained and round(drained, 1),
    }
    return result


def _wait(site: Installation, running: Load, count: int, thawing: dict[str, float]) -> None:
    """Until so many deliveries were acknowledged; looks after who froze or died by itself meanwhile."""
    deadline = time.monotonic() + 180
    while running.done < count and not running.over:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{running.done} of {count} deliveries; {running.failures[-3:]}")
        _thaw(site, thawing)
        site.revive()
        time.sleep(0.01)


def _thaw(site: Installation, thawing: dict[str, float]) -> None:
    for name in [name for name, until in thawing.items() if time.monotonic() > until]:
        del thawing[name]
        site.resume(name)
