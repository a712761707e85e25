"""R7: events that break their worker end as dead letters, hold up no others, and can be replayed once it is cured."""

import random
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.trust.installation import Installation
from tests.trust.oracle import settle, unfinished, verify
from tests.trust.result import Result
from tests.trust.sender import Load, Shop
from tests.trust.shops import load, open_shops, write
from tests.trust.stories import Told

MOST_ATTEMPTS = 8
FULL = {"raise": 40, "memory": 28, "killed": 10, "segfault": 10, "loop": 8, "hang": 4}
SMALL = {"raise": 1, "memory": 1, "killed": 1, "segfault": 1, "loop": 1}
# Beyond the longest step of the backoff, jitter included.
STEP = 8 * 3600.0


def run(*, seed: int, full: bool, site: Installation) -> Result:
    """One event in a hundred raises, takes all memory, crashes or hangs; hours of backoff pass in seconds."""
    events, faults = (10_000, FULL) if full else (250, SMALL)
    result = Result("R7", seed, full)
    began = datetime.now(UTC) - timedelta(minutes=1)
    shops = open_shops(site, seed=seed)
    cured = Path(site.environment["TRUST_CURED"])
    orders = [name for name, count in faults.items() for _ in range(count)]
    random.Random(seed).shuffle(orders)
    told, deliveries = write(shops, seed=seed, events=events, orders=tuple(orders))
    poison = {letter.id for letter in told.letters[: len(orders)]}
    # New deliveries keep waking the workers, as they would; the site's own clock stays right for signatures.
    running = load(site, shops, deliveries, rate=30.0 if full else 60.0)
    site.start("deputy")
    deaths = _wear_out(site, running, impatient=not full, within=720 if full else 60)
    running.finish()
    result.problems += _bury(site, shops, told, poison)
    cured.touch()
    requeued = site.actor.ask("replay_dead", since=began.isoformat(), until=datetime.now(UTC).isoformat())
    settle(site, within=60)
    result.problems += verify(site, shops, told, running)
    result.n = len(told.letters)
    result.facts = {"poison": len(poison), "replayed": requeued, "processes_lost": sum(deaths.values())}
    return result


def _wear_out(site: Installation, running: Load, *, impatient: bool, within: float) -> Counter[str]:
    """Lets time pass, business time in leaps, and starts again who dies, until nothing is left to do."""
    deaths: Counter[str] = Counter()
    deadline, leap = time.monotonic() + within, 0.0
    while not running.over or any(unfinished(site).values()):
        if time.monotonic() > deadline:
            break
        leap += STEP
        site.set_clock(leap, "worker", "sweeper", "deputy")
        until = time.monotonic() + (0.4 if impatient else 1.0)
        while time.monotonic() < until:
            deaths.update(site.revive())
            time.sleep(0.02)
        if impatient:
            _hurry(site)
    return deaths


def _hurry(site: Installation) -> None:
    """For small runs: leases end now, and of eight tries the third to the seventh are taken as failed."""
    with site.database() as cursor:
        for change, where in (
            ("lease_until = clock_timestamp()", "state = 'leased'"),
            ("attempts = 7", "attempts BETWEEN 2 AND 6 AND state <> 'done'"),
        ):
            # Rows that a worker is at are left for the next time: waiting for them in another order is a deadlock.
            cursor.execute(
                f"""UPDATE webhook_event SET {change}
                     WHERE id IN (SELECT id FROM webhook_event WHERE {where} FOR UPDATE SKIP LOCKED)"""
            )


def _bury(site: Installation, shops: list[Shop], told: Told, poison: set[str]) -> list[str]:
    """What is wrong before anything is cured: poison that is no dead letter, or good events that wait."""
    with site.database() as cursor:
        cursor.execute(
            "SELECT external_id, state, attempts, error FROM webhook_event WHERE account_id = ANY(%s::uuid[])",
            [[shop.account_id for shop in shops]],
        )
        rows = cursor.fetchall()
    problems = []
    for event_id, state, attempts, error in rows:
        if (state == "dead") != (event_id in poison):
            problems.append(f"{event_id} is {state} after {attempts} attempts ({error})")
        if attempts > MOST_ATTEMPTS:
            problems.append(f"{event_id} had {attempts} attempts")
        if state == "dead" and not error:
            problems.append(f"{event_id} does not say why it is dead")
    return problems
