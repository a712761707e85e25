"""R1: whoever is killed, no acknowledged event is lost and none takes effect twice."""

import random
import time

import psycopg2

from tests.trust.installation import OURS, SERVERS, Installation
from tests.trust.oracle import settle, verify
from tests.trust.result import Result
from tests.trust.sender import Load, Shop
from tests.trust.shops import load, open_shops, write
from tests.trust.stories import Letter

DRAINED_WITHIN = 60
LAST = 20
FROZEN = ("worker", "sweeper")
BAIT = "slow:600"


def run(*, seed: int, full: bool, site: Installation) -> Result:
    """SIGKILL at seeded points of the load, and workers that freeze over their work for longer than its lease."""
    events, kills, freezes, rate = (10_000, 100, 6, 40.0) if full else (240, 5, 1, 90.0)
    result = Result("R1", seed, full)
    shops = open_shops(site, seed=seed)
    orders = (BAIT,) * freezes + ("slow:20",) * (events // 20)
    told, deliveries = write(shops, seed=seed, events=events, orders=orders)
    baits = told.letters[:freezes]
    deliveries = [letter for letter in deliveries if letter not in baits]
    chance = random.Random(f"kills {seed}")
    victims = [name for name in (*OURS, *SERVERS) for _ in range(kills // 5)] + ["freeze"] * freezes
    chance.shuffle(victims)
    deliveries, last = deliveries[:-LAST], deliveries[-LAST:]
    points = sorted(chance.randrange(len(deliveries) // 50, len(deliveries) * 9 // 10) for _ in victims)
    running, frost = load(site, shops, deliveries, rate=rate), Frost(site)
    for point, victim in zip(points, victims, strict=True):
        _wait(site, running, point)
        if victim == "freeze":
            bait = baits.pop()
            running.acknowledged += load(site, shops, [bait]).finish().acknowledged
            frost.fall(bait.id)
            frost.wait()
        else:
            site.kill(victim)
            site.start(victim)
    _wait(site, running, len(deliveries))
    running.finish()
    _send_unheard(site, shops, last, running)
    site.restore()
    drained = settle(site, within=DRAINED_WITHIN)
    if drained is None:
        result.problems.append(f"work is left {DRAINED_WITHIN} s after the last fault")
    result.problems += verify(site, shops, told, running)
    result.n = len(told.letters)
    result.facts = {
        "deliveries": running.done,
        "kills": kills,
        "freezes": frost.count,
        "failed_tries": len(running.failures),
        "drained": drained and round(drained, 1),
    }
    return result


def _send_unheard(site: Installation, shops: list[Shop], deliveries: list[Letter], running: Load) -> None:
    """The last deliveries come while nobody works, and what would have woken the workers is lost."""
    site.restore()
    for name in ("worker", "sweeper", "valkey"):
        site.kill(name)
    unheard = load(site, shops, deliveries).finish()
    # It would send what it could not send, once Redis is back.
    site.kill("web")
    running.acknowledged += unheard.acknowledged
    running.refused += unheard.refused
    running.done += unheard.done


class Frost:
    """Stops everybody who works in the middle of a batch, until somebody else has done it for them."""

    def __init__(self, site: Installation) -> None:
        self.site = site
        self.until = 0.0
        self.count = 0

    def fall(self, event_id: str) -> None:
        """Freezes worker and sweeper while one of them is at this event, which takes its time; a deputy comes."""
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and not self._done(event_id):
            if not self._leased(event_id):
                time.sleep(0.02)
                continue
            for name in FROZEN:
                self.site.pause(name)
            self.site.start("deputy")
            self.until = time.monotonic() + self.site.timing.lease * 1.1 + 1
            self.count += 1
            return

    def wait(self) -> None:
        """Thaws them after the lease, and lets them try to go on: killed now, they could do no harm."""
        if self.until:
            time.sleep(max(self.until - time.monotonic(), 0))
            for name in FROZEN:
                self.site.resume(name)
            time.sleep(0.7)
            self.until = 0.0

    def _leased(self, event_id: str) -> bool:
        """Whether somebody took this row a moment ago."""
        young = "lease_until > clock_timestamp() + make_interval(secs => %s)"
        return self._exists(
            f"state = 'leased' AND {young} AND external_id = %s", self.site.timing.lease - 0.3, event_id
        )

    def _done(self, event_id: str) -> bool:
        return self._exists("state = 'done' AND external_id = %s", event_id)

    def _exists(self, condition: str, *values: object) -> bool:
        try:
            with self.site.database() as cursor:
                cursor.execute(f"SELECT EXISTS (SELECT 1 FROM webhook_event WHERE {condition})", values)
                return bool(cursor.fetchone()[0])
        except psycopg2.OperationalError:
            return False


def _wait(site: Installation, running: Load, count: int) -> None:
    """Until so many deliveries were acknowledged; starts again who died by itself meanwhile."""
    deadline = time.monotonic() + 180
    while running.done < count and not running.over:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{running.done} of {count} deliveries; {running.failures[-3:]}")
        site.revive()
        time.sleep(0.01)
