"""Webhook deliveries a second: 32 keep-alive clients post distinct signed events to the real server."""

import resource
import time

from benchmarks import dj_stripe, installation
from benchmarks.events import bodies, request
from benchmarks.load import Run, post_all
from benchmarks.pgbench import Pgbench
from benchmarks.report import Goal, Report
from benchmarks.rounds import children_of, cpu_of, cpu_of_ended, cpu_seconds, median, percentile

CLIENTS = 32
ROUNDS = 5
EVENTS, EVENTS_DJ_STRIPE = 4_000, 200
PGBENCH_SECONDS = 3


class Door:
    """One site's endpoint, fed with fresh events every round."""

    def __init__(self, started: installation.Installation, site: installation.Site, path: str) -> None:
        self.started, self.site, self.path = started, site, path
        self.rates: list[float] = []
        self.latencies: list[float] = []
        self.cpu: dict[str, list[float]] = {"server": [], "postgres": [], "client": []}

    def round(self, events: list[bytes], *, counts: bool = True) -> None:
        """Posts these events; a round that warms up counts for nothing."""
        moment = int(time.time())
        secret = installation.WEBHOOK_SECRET
        requests = [request(self.path, body, secret=secret, moment=moment) for body in events]
        before = self.used()
        run = post_all(self.site.port, requests, clients=CLIENTS)
        if counts:
            self.note(run, before, self.used())

    def used(self) -> tuple[float, float]:
        return cpu_of(self.site.process.pid), cpu_seconds(children_of(self.started.database.pid))

    def note(self, run: Run, before: tuple[float, float], after: tuple[float, float]) -> None:
        self.rates.append(run.rate)
        self.latencies += run.latencies
        spent = (after[0] - before[0], after[1] - before[1], run.cpu)
        for name, seconds in zip(self.cpu, spent, strict=True):
            self.cpu[name].append(seconds / len(run.latencies) * 1e6)

    @property
    def rate(self) -> float:
        return median(self.rates)

    @property
    def total_cpu(self) -> float:
        """Microseconds an event, of the site, PostgreSQL and the clients."""
        return sum(median(values) for values in self.cpu.values())

    @property
    def p99_ms(self) -> float:
        return percentile(self.latencies, 0.99) * 1000

    def told(self) -> dict[str, float]:
        """Medians of CPU microseconds an event."""
        return {name: round(median(values), 1) for name, values in self.cpu.items()}


def measure(rows: int | None = None) -> Report:
    """``rows`` is how many events a round posts."""
    count = rows or EVENTS
    started = installation.start("ingest")
    ours = Door(started, started.serve("web", "portal.asgi:application"), installation.connect_merchant())
    limit = Pgbench(started.cluster.owner_url, started.place)
    supply = [bodies(EVENTS_DJ_STRIPE, seed=1_000 + number) for number in range(ROUNDS + 1)]
    theirs, why = None, ""
    try:
        theirs = Door(started, *dj_stripe.start(started, [body for batch in supply for body in batch]))
    except dj_stripe.CannotInstall as refusal:
        why = f"dj-stripe could not be installed: {refusal}"
    limits: list[float] = []
    limits_cpu: list[float] = []
    for number in range(ROUNDS + 1):
        # The first round only warms up.
        seconds, before = PGBENCH_SECONDS if number else 1, all_cpu(started)
        rate = limit.rate(clients=CLIENTS, seconds=seconds)
        limits_cpu += [(all_cpu(started) - before) / (rate * seconds) * 1e6] if number else []
        ours.round(bodies(count, seed=number), counts=number > 0)
        if theirs is not None:
            theirs.round(supply[number], counts=number > 0)
        limits += [rate] if number else []
    by_cpu = {
        "pgbench_cpu_us": round(median(limits_cpu), 1),
        "share_by_cpu": round(median(limits_cpu) / ours.total_cpu, 4),
    }
    if theirs is not None:
        by_cpu["times_dj_stripe_by_cpu"] = round(theirs.total_cpu / ours.total_cpu, 1)
    return report(ours, theirs, limits, why=why, more={"pgbench": limit.which, **by_cpu})


def all_cpu(started: installation.Installation) -> float:
    """Of PostgreSQL, its sessions that have ended included, and of programs that this process ran, such as pgbench."""
    run = resource.getrusage(resource.RUSAGE_CHILDREN)
    server = started.database.pid
    return cpu_seconds(children_of(server)) + cpu_of_ended(server) + run.ru_utime + run.ru_stime


def report(ours: Door, theirs: Door | None, limits: list[float], *, why: str, more: dict[str, object]) -> Report:
    share = median([rate / limit for rate, limit in zip(ours.rates, limits, strict=True)])
    times = ours.rate / theirs.rate if theirs else None
    goals = [
        Goal(
            "share of what pgbench commits with as many clients, one row each",
            bound=0.09, ratio=share, value=ours.rate, baseline=median(limits), unit="events/s",
        ),
        Goal(
            "times dj-stripe 2.11 in the request",
            bound=15, ratio=times, value=ours.rate, baseline=theirs.rate if theirs else None, unit="events/s", why=why,
        ),
        Goal("p99 of one delivery", bound=60, ratio=ours.p99_ms, value=ours.p99_ms, at_most=True, unit="ms"),
    ]  # fmt: skip
    more |= {
        "clients": CLIENTS,
        "cpu_us_per_event": ours.told(),
        "rounds": {
            "ours": whole(ours.rates),
            "pgbench": whole(limits),
            "dj_stripe": whole(theirs.rates) if theirs else [],
        },
        "dj_stripe_p99_ms": round(theirs.p99_ms, 1) if theirs else None,
        "dj_stripe_cpu_us_per_event": theirs.told() if theirs else None,
    }
    return Report("ingest", goals, more)


def whole(values: list[float]) -> list[int]:
    return [round(value) for value in values]
