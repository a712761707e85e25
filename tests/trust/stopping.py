"""R12: a process that is asked to stop finishes what it began, and what it had not begun is left for others."""

import random
import signal
import time

from tests.trust.installation import Installation
from tests.trust.oracle import settle, unfinished, verify
from tests.trust.result import Result
from tests.trust.shops import load, open_shops, write

GRACE = 30


def run(*, seed: int, full: bool, site: Installation) -> Result:
    """SIGTERM to worker and sweeper again and again while they work off a backlog, and to the site while it answers."""
    tasks, milliseconds, rounds = (3_000, 8, 25) if full else (1_000, 3, 1)
    result = Result("R12", seed, full)
    shops = open_shops(site, seed=seed)
    told, deliveries = write(shops, seed=seed, events=tasks, orders=(f"slow:{milliseconds}",) * tasks)
    chance = random.Random(f"stops {seed}")
    site.kill("worker")
    site.kill("sweeper")
    running = load(site, shops, deliveries)
    running.wait_for(len(deliveries) // 2)
    site.start("worker", "sweeper")
    site.wait_for_handlers("worker", "sweeper")
    left: list[int] = []
    longest = 0.0
    while not left or (left[-1] and len(left) < rounds):
        time.sleep(chance.random() * (0.8 if full else 0.2))
        longest = max(longest, _stop(site, result, "worker", "sweeper"))
        left.append(unfinished(site)["webhook_event"])
        result.problems += _interrupted(site, left[-1])
        if len(left) == 1:
            _stop(site, result, "web")
            site.start("web")
        site.start("worker", "sweeper")
        site.wait_for_handlers("worker", "sweeper")
    running.finish()
    if settle(site, within=60) is None:
        result.problems.append("work is left 60 s after the last stop")
    result.problems += verify(site, shops, told, running)
    if not left[0]:
        result.problems.append("nothing was left to do at the first stop: this proves nothing")
    result.n = tasks
    result.facts = {"left_for_others": left, "longest_stop": round(longest, 1)}
    return result


def _stop(site: Installation, result: Result, *names: str) -> float:
    """SIGTERM; how many seconds it took until all had ended."""
    started = time.monotonic()
    for name, code in site.stop(*names, asking=signal.SIGTERM, within=GRACE).items():
        # uvicorn lets the signal through once it has finished.
        if code != 0 and not (name == "web" and code == -signal.SIGTERM):
            where = site.log(name)[-4_000:] if code is None else ""
            result.problems.append(f"{name} ended with {code}, not by itself within {GRACE} s\n{where}")
    return time.monotonic() - started


def _interrupted(site: Installation, left: int) -> list[str]:
    """With nobody at work no row may be held, and every row that waits must have been given back untouched."""
    with site.database() as cursor:
        cursor.execute("SELECT count(*) FROM webhook_event WHERE state = 'leased'")
        held = cursor.fetchone()[0]
    return [f"{held} of {left} events were left in the hands of a process that is gone"] if held else []
