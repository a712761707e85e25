"""R9: PostgreSQL is restarted without a goodbye, again and again, and everything finds it by itself."""

import time

from tests.trust.installation import OURS, Installation
from tests.trust.oracle import settle, verify
from tests.trust.result import Result
from tests.trust.shops import load, open_shops, write
from tests.trust.visits import Visits

DRAINED_WITHIN = 60
# An answer that was on its way when the server came back.
LATE = 1.0


def run(*, seed: int, full: bool, site: Installation) -> Result:
    """Immediate restarts under load; our own processes must be the same ones afterwards."""
    events, restarts, every, rate = (10_000, 15, 20.0, 36.0) if full else (300, 3, 1.5, 80.0)
    result = Result("R9", seed, full)
    shops = open_shops(site, seed=seed)
    told, deliveries = write(shops, seed=seed, events=events)
    before = {name: site.processes[name].pid for name in OURS}
    running, visits = load(site, shops, deliveries, rate=rate), Visits(site.url).start()
    down: list[tuple[float, float]] = []
    for _ in range(restarts):
        time.sleep(every)
        gone = time.time()
        site.restart_postgres_at_once()
        down.append((gone, time.time() + LATE))
    running.finish(within=600)
    visits.stop()
    if settle(site, within=DRAINED_WITHIN) is None:
        result.problems.append(f"work is left {DRAINED_WITHIN} s after the last restart")
    for name in OURS:
        if site.processes[name].poll() is not None or site.processes[name].pid != before[name]:
            result.problems.append(f"{name} did not survive")
    failures = [(moment, "the door", status) for moment, status in running.failures] + visits.failures
    for moment, who, status in failures:
        if status != 503:
            result.problems.append(f"{who} answered {status} instead of 503")
        elif not any(start <= moment <= end for start, end in down):
            result.problems.append(f"{who} answered 503 while PostgreSQL was up")
    result.problems += verify(site, shops, told, running)
    result.n = len(told.letters)
    result.facts = {"restarts": restarts, "failed_tries": len(running.failures), "pages": visits.count}
    return result
