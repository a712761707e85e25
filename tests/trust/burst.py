"""R11: after an outage all that waited comes at once, and is taken, worked off and forgotten at the usual pace."""

import time
from dataclasses import dataclass, field

from tests.trust.installation import OURS, Installation
from tests.trust.oracle import settle, unfinished, verify
from tests.trust.result import Result
from tests.trust.sender import Load
from tests.trust.shops import load, open_shops, write

PERCENTILE, ACKNOWLEDGED_WITHIN = 99, 0.25
# Small runs share the machine with whatever else is tried.
ACKNOWLEDGED_BESIDE_OTHERS = 1.5
# A process may fill its caches; what grows with the number of events would be far more.
GROWTH_MIB = 40.0
SAMPLE = 0.5


def run(*, seed: int, full: bool, site: Installation) -> Result:
    """With --full 100,000 events, a fifth of them twice, in ten minutes; the site was down when the first came. A small
    run only stops it for a moment, and is too short to tell what grows."""
    events, seconds, down = (100_000, 600.0, 15.0) if full else (2_000, 4.0, 0.4)
    result = Result("R11", seed, full)
    shops = open_shops(site, seed=seed)
    told, deliveries = write(shops, seed=seed, events=events)
    _go_away(site, for_good=full)
    running = load(site, shops, deliveries, rate=len(deliveries) / seconds)
    time.sleep(down)
    _come_back(site)
    began = time.monotonic()
    watch = _watch(site, running, within=seconds * 1.3 + 60)
    took = time.monotonic() - began
    falling = _watch_fall(site, within=120)
    result.problems += [*falling, *(watch.problems() if full else ())]
    result.problems += [f"the door answered {status}" for _, status in running.failures if status]
    usual = sorted(running.seconds)
    p99 = usual[len(usual) * PERCENTILE // 100] if usual else float("inf")
    if p99 > (ACKNOWLEDGED_WITHIN if full else ACKNOWLEDGED_BESIDE_OTHERS):
        result.problems.append(f"one in a hundred was acknowledged after {p99:.3f} s or later")
    if settle(site, within=60) is None:
        result.problems.append("work is left after the burst")
    result.problems += verify(site, shops, told, running)
    result.n = len(told.letters)
    result.facts = {
        "deliveries": running.done,
        "a_second": round(running.done / took),
        "p99_ms": round(p99 * 1000),
        "slowest_ms": round(running.slowest * 1000),
        "largest_lag": max(watch.lag, default=0),
        "memory_mib": {name: [round(mib) for mib in pair] for name, pair in watch.ends.items()},
        "refused_while_down": sum(status == 0 for _, status in running.failures),
    }
    return result


def _go_away(site: Installation, *, for_good: bool) -> None:
    for name in OURS:
        site.kill(name) if for_good else site.pause(name)


def _come_back(site: Installation) -> None:
    for name in OURS:
        site.resume(name)
    site.start(*OURS)
    site.wait_for_web()
    site.wait_for_handlers("worker", "sweeper")


@dataclass
class Watch:
    """What was seen while the burst lasted: events that wait, and memory of each process, once a sample."""

    lag: list[int] = field(default_factory=list)
    memory: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in OURS})

    @property
    def ends(self) -> dict[str, tuple[float, float]]:
        """Memory after a quarter of the time, when everything has been done once, and at the end."""
        return {name: (seen[len(seen) // 4], seen[-1]) for name, seen in self.memory.items() if seen}

    def problems(self) -> list[str]:
        return [
            f"{name} grew from {early:.0f} to {late:.0f} MiB"
            for name, (early, late) in self.ends.items()
            if late - early > GROWTH_MIB
        ]


def _watch(site: Installation, running: Load, *, within: float) -> Watch:
    watch, deadline = Watch(), time.monotonic() + within
    while not running.over:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{running.done} of {len(running.deliveries)} deliveries; {running.failures[-3:]}")
        watch.lag.append(unfinished(site)["webhook_event"])
        for name in OURS:
            watch.memory[name].append(site.resident(name))
        time.sleep(SAMPLE)
    return watch


def _watch_fall(site: Installation, *, within: float) -> list[str]:
    """Nothing comes any more: what waits must only become less, and come to an end."""
    last, deadline = unfinished(site)["webhook_event"], time.monotonic() + within
    while last:
        if time.monotonic() > deadline:
            return [f"{last} events wait {within:.0f} s after the burst"]
        time.sleep(SAMPLE)
        now = unfinished(site)["webhook_event"]
        if now > last:
            return [f"{now} events wait where {last} did before, though none came"]
        last = now
    return []
