"""A hundred signed-in people at work among 1,000,000 payments, each pausing for one to three seconds between pages."""

import asyncio
import random
import re
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from benchmarks import installation
from benchmarks.filled import fill_and_serve
from benchmarks.installation import Site
from benchmarks.payments_list import LARGE
from benchmarks.people import Person, asked_by_itself
from benchmarks.report import Goal, Report
from benchmarks.rounds import cpu_of_both, percentile

PEOPLE = 100
PAUSE = (1.0, 3.0)
WARM_UP, SECONDS, ROUNDS = 12, 30, 3
SLOWEST_MS = 250
BASE = "/m/bench/test/"
_ROW = re.compile(r"/m/bench/test/transactions/(pay_\w+)/")

# How often each page is opened, out of a hundred.
MIX: dict[str, tuple[int, Callable[[random.Random, str], str]]] = {
    "home": (14, lambda chance, seen: BASE),
    "transactions": (20, lambda chance, seen: f"{BASE}transactions/"),
    "of one status": (8, lambda chance, seen: f"{BASE}transactions/?status=failed"),
    "of one e-mail": (
        5,
        lambda chance, seen: f"{BASE}transactions/?email=customer{chance.randrange(50_000)}%40example.com",
    ),
    "payment": (24, lambda chance, seen: f"{BASE}transactions/{seen}/"),
    "refunds": (6, lambda chance, seen: f"{BASE}refunds/"),
    "disputes": (5, lambda chance, seen: f"{BASE}disputes/"),
    "all activity": (4, lambda chance, seen: f"{BASE}activity/"),
    "events": (4, lambda chance, seen: f"{BASE}events/"),
    "search by name": (
        4,
        lambda chance, seen: f"{BASE}search/?q={quote(f'Customer {chance.randrange(50_000)}')}&stay=1",
    ),
    "search by reference": (
        6,
        lambda chance, seen: f"{BASE}search/?q=AO-{40_000 + chance.randrange(1_000_000)}&stay=1",
    ),
}


@dataclass
class Measured:
    """Seconds of each page by its kind, and of what pages asked for by themselves."""

    pages: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    regions: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    cpu: float = 0.0

    def all_of(self) -> list[float]:
        return [each for kinds in (self.pages, self.regions) for found in kinds.values() for each in found]

    def ms(self, share: float) -> float:
        return percentile(self.all_of(), share) * 1000

    def told(self) -> dict[str, object]:
        def kinds(found: dict[str, list[float]]) -> dict[str, list[float]]:
            return {
                name: [len(each), round(percentile(each, 0.5) * 1000, 1), round(percentile(each, 0.95) * 1000, 1)]
                for name, each in found.items()
            }

        count = len(self.all_of())
        return {
            "requests": count,
            "cpu_ms_a_request": round(self.cpu / count * 1000, 2),
            **{f"p{share}_ms": round(self.ms(share / 100), 1) for share in (50, 95, 99)},
            "pages: count, p50 ms, p95 ms": kinds(self.pages),
            "regions: count, p50 ms, p95 ms": kinds(self.regions),
        }


# What a person does next: takes the payment that they saw last, and returns the one that they see now.
Walk = Callable[[Person, random.Random, Measured, str], Awaitable[str]]


def measure(rows: int | None = None) -> Report:
    """``rows`` is how many payments there are."""
    count = rows or LARGE
    started = installation.start("mixed")
    filled = fill_and_serve(started, "mixed", count, whole=True, people=PEOPLE, processes=installation.PROCESSES)
    work, bare = Measured(), Measured()
    # The first round only warms up.
    for number in range(ROUNDS + 1):
        for site, measured, walk in ((filled.stock, bare, open_bare), (filled.ours, work, open_pages)):
            before = cpu_of_both(site.process.pid, started.database.pid)
            seconds = SECONDS if number else WARM_UP
            found = asyncio.run(crowd(site, filled.cookies, walk, seconds=seconds, seed=number))
            if number:
                merge(measured, found, cpu_of_both(site.process.pid, started.database.pid) - before)
    return report(work, bare, rows=count)


def merge(measured: Measured, found: Measured, cpu: float) -> None:
    for into, new in ((measured.pages, found.pages), (measured.regions, found.regions)):
        for kind, seconds in new.items():
            into[kind] += seconds
    measured.cpu += cpu


async def crowd(site: Site, cookies: Sequence[str], walk: Walk, *, seconds: float, seed: int) -> Measured:
    measured, until = Measured(), time.monotonic() + seconds
    async with asyncio.TaskGroup() as together:
        for number, cookie in enumerate(cookies):
            chance = random.Random(f"{seed} {number}")
            together.create_task(visit(Person(site.port, cookie), walk, chance, measured, until))
    return measured


async def visit(person: Person, walk: Walk, chance: random.Random, measured: Measured, until: float) -> None:
    # Not all at once: people come one after the other.
    await asyncio.sleep(chance.uniform(0, PAUSE[1]))
    seen = ""
    while time.monotonic() < until:
        seen = await walk(person, chance, measured, seen)
        await asyncio.sleep(chance.uniform(*PAUSE))
    await person.leave()


async def open_bare(person: Person, chance: random.Random, measured: Measured, seen: str) -> str:
    _, seconds = await person.get(f"{BASE}bare/")
    measured.pages["bare"].append(seconds)
    return seen


async def open_pages(person: Person, chance: random.Random, measured: Measured, seen: str) -> str:
    """A page and what it asks for by itself; returns a payment that was shown, to be opened later."""
    kind = chance.choices(list(MIX), [share for share, _ in MIX.values()])[0] if seen else "transactions"
    page, seconds = await person.get(MIX[kind][1](chance, seen))
    measured.pages[kind].append(seconds)
    for path, region in asked_by_itself(page):
        _, seconds = await person.get(path, region=region)
        measured.regions[f"{kind}: {region}"].append(seconds)
    rows = _ROW.findall(page)
    return chance.choice(rows) if rows else seen


def report(work: Measured, bare: Measured, *, rows: int) -> Report:
    slowest = work.ms(0.95)
    goals = [
        Goal(
            f"p95 of all pages and regions, {PEOPLE} people at once",
            bound=SLOWEST_MS, ratio=slowest, at_most=True, value=slowest, baseline=bare.ms(0.95), unit="ms",
        ),
    ]  # fmt: skip
    return Report("mixed", goals, {"rows": rows, "people": PEOPLE, "work": work.told(), "bare": bare.told()})
