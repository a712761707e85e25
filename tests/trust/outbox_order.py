"""R14: events of the outbox that commit out of order are all delivered, each once."""

import threading

from tests.trust.installation import Installation
from tests.trust.oracle import settle
from tests.trust.result import Result

PRODUCERS = 8


def run(*, seed: int, full: bool, site: Installation) -> Result:
    """Eight producers whose transactions stay open for a random while; in a full run their readers are killed too."""
    each = 500 if full else 40
    result = Result("R14", seed, full)
    with site.database() as cursor:
        cursor.execute("DELETE FROM trust_seen")
    produced: list[int] = []
    work = threading.Thread(
        target=lambda: produced.append(site.actor.ask("publish", producers=PRODUCERS, each=each, seed=seed))
    )
    work.start()
    while work.is_alive():
        work.join(2.0 if full else 0.4)
        if full and work.is_alive():
            site.kill("sweeper")
            site.start("sweeper")
    drained = settle(site, within=60)
    if drained is None:
        result.problems.append("deliveries are left 60 s after the last event")
    with site.database() as cursor:
        cursor.execute("SELECT object_id, count(*) FROM trust_seen GROUP BY object_id")
        seen = dict(cursor.fetchall())
    for number in range(PRODUCERS):
        for position in range(each):
            count = seen.pop(f"{number}-{position}", 0)
            if count != 1:
                result.problems.append(f"event {number}-{position} was delivered {count} times")
    result.problems += [f"event {name} was delivered and never published" for name in seen]
    result.n = produced[0] if produced else 0
    result.facts = {"drained": drained and round(drained, 1)}
    return result
