"""B1: whoever is killed while an account is read from its processor, the reading ends complete."""

import random
import time
from typing import Any

import psycopg2

from tests.simulator.processes import start
from tests.trust.installation import Installation
from tests.trust.result import Result

READERS = ("asker", "sweeper")
KEY = "sk_test_trust_backfilled"
DAYS = 30
# Seconds within which the world is written, a step begins, and the reading ends after the last kill.
WORLD_WITHIN, STEP_WITHIN, END_WITHIN = 240, 40, 240


def run(*, seed: int, full: bool, site: Installation) -> Result:
    """SIGKILL to everybody who could be reading, at seeded moments after a step began."""
    payments, kills = (8_000, 20) if full else (300, 2)
    result, chance = Result("B1", seed, full), random.Random(f"backfilled {seed}")
    processor = start(None)
    site.at_the_end(processor.kill)
    site.start("asker")
    world = {"profile": "outdoor", "seed": seed, "payments": payments, "days": DAYS}
    job = processor.control("POST", "/worlds", key=KEY, **world)["id"]
    if not until(lambda: processor.control("GET", f"/worlds/{job}")["state"] == "done", WORLD_WITHIN):
        raise TimeoutError("the processor's world is not written")
    account = site.actor.ask("stage", play="connect", slug=f"read-{seed}", key=KEY, api_base=processor.url)
    reading = site.actor.ask("stage", play="start_reading", account=account)
    struck = tries = 0
    # A kill between two steps tries nothing.
    while struck < kills and tries < 3 * kills:
        tries += 1
        if not until(lambda: state(site, reading) in ("leased", "done"), STEP_WITHIN) or ended(site, reading):
            break
        time.sleep(chance.uniform(0, site.timing.task / 4))
        for name in READERS:
            site.kill(name)
        struck += state(site, reading) == "leased"
        site.start(*READERS)
    if not until(lambda: ended(site, reading), END_WITHIN):
        result.problems.append(f"the reading has not ended: {told(site, reading)}")
        return result
    verdict = site.actor.ask("stage", play="examine", reading=reading)
    result.n, result.problems = verdict["objects"], verdict["problems"]
    # A small reading may be over before all of them have struck.
    wanted = kills if full else 1
    if struck < wanted:
        result.problems.append(f"{struck} of {tries} kills struck a step, {wanted} were wanted")
    result.facts = {"kills": tries, "in_a_step": struck}
    return result


def until(condition: Any, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def told(site: Installation, reading: str) -> tuple[Any, ...]:
    try:
        with site.database() as cursor:
            cursor.execute(
                'SELECT state, "end", phase, progress, attempts, error FROM sync_run WHERE public_id = %s', [reading]
            )
            return tuple(cursor.fetchone() or ("", "", "", 0, 0, ""))
    except psycopg2.OperationalError:
        return ("", "", "", 0, 0, "")


def state(site: Installation, reading: str) -> str:
    return str(told(site, reading)[0])


def ended(site: Installation, reading: str) -> bool:
    return state(site, reading) in ("done", "dead")
