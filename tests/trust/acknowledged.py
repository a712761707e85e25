"""R2: what was answered 2xx is in the database, though PostgreSQL or the site is killed at any moment."""

import random
import time

from tests.trust.installation import Installation
from tests.trust.oracle import missing
from tests.trust.result import Result
from tests.trust.shops import load, open_shops, write


def run(*, seed: int, full: bool, site: Installation) -> Result:
    """kill -9 of PostgreSQL or the web process while deliveries stream in as fast as the door takes them."""
    events, kills = (20_500, 20) if full else (500, 4)
    result = Result("R2", seed, full)
    shops = open_shops(site, seed=seed)
    _, deliveries = write(shops, seed=seed, events=events, duplicates=0)
    # The door alone: nothing else may slow it down, or repair what it forgets.
    site.kill("worker")
    site.kill("sweeper")
    chance = random.Random(f"kills {seed}")
    running = load(site, shops, deliveries)
    for number in range(kills):
        running.wait_for(len(deliveries) * (number + 1) // (kills + 1))
        time.sleep(chance.random() * 0.05)
        victim = ("postgres", "web")[number % 2]
        site.kill(victim)
        site.start(victim)
    running.finish(within=300)
    site.wait_for_web()
    result.problems += missing(site, shops, running.acknowledged)
    result.problems += [f"the door answered {status} to {event_id}" for status, event_id in running.refused]
    result.n = len(running.acknowledged)
    result.facts = {"kills": kills, "failed_tries": len(running.failures)}
    return result
