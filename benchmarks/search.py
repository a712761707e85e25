"""Searches of every kind among many payments of one merchant: the page and the palette, beside ``icontains``."""

import hashlib
import http.client
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from benchmarks import installation
from benchmarks.filled import fill_and_serve
from benchmarks.installation import Installation, Site
from benchmarks.payments_list import BUSY_CLIENT, LARGE, LONGEST_FILL
from benchmarks.report import Goal, Report
from benchmarks.rounds import cpu_of_both, median, percentile
from billing.money import Money

ROUNDS, WARM_UP = 30, 4
# The baseline reads the whole table, and takes its time.
BASELINE_ROUNDS = 2
SLOWEST_MS = 150
TIMES = 5
HTMX = {"HX-Request": "true", "HX-Target": "palette-results"}


@dataclass
class Asking:
    """One client over one connection, asking by one way. Seconds of each search by its kind, and CPU of site and
    database."""

    database: int
    site: Site
    path: str
    headers: dict[str, str]
    seconds: dict[str, list[float]] = field(default_factory=dict)
    cpu: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.line = http.client.HTTPConnection("127.0.0.1", self.site.port, timeout=120)

    def ask(self, kind: str, text: str, expected: str) -> None:
        """Raises when the answer is not the one that was meant."""
        started = time.perf_counter()
        self.line.request("GET", f"{self.path}?{urlencode({'q': text, 'stay': 1})}", headers=self.headers)
        answer = self.line.getresponse()
        page = answer.read().decode()
        self.seconds.setdefault(kind, []).append(time.perf_counter() - started)
        if answer.status != 200 or expected not in page:
            raise AssertionError(f"{self.path} answers {answer.status} to {text}: {page[:300]}")

    def round(self, searches: Sequence[tuple[str, str, str]]) -> None:
        self.line.close()
        before = self.used()
        for kind, text, expected in searches:
            self.ask(kind, text, expected)
        self.cpu.append((self.used() - before) / len(searches))

    def used(self) -> float:
        return cpu_of_both(self.site.process.pid, self.database)

    def forget(self) -> None:
        self.seconds.clear()
        self.cpu.clear()

    def ms(self, share: float, kinds: Sequence[str] = ()) -> float:
        chosen = [each for kind, found in self.seconds.items() if not kinds or kind in kinds for each in found]
        return percentile(chosen, share) * 1000

    def told(self) -> dict[str, Any]:
        by_kind = {kind: round(median(found) * 1000, 1) for kind, found in self.seconds.items()}
        whole = {"cpu_ms": round(median(self.cpu) * 1000, 1)}
        whole |= {"p50_ms": round(self.ms(0.5), 1), "p95_ms": round(self.ms(0.95), 1)}
        return {**whole, "kinds_p50_ms": by_kind}


def texts(number: int) -> dict[str, tuple[str, str]]:
    """What ``icontains`` can answer as well: a search of each kind and what stands in the answer."""
    digest = hashlib.md5(str(number).encode(), usedforsecurity=False).hexdigest()
    person = number % 50_000
    return {
        "processor_id": (f"pi_{digest}", "pay_"),
        "charge_id": (f"ch_{digest}", "pay_"),
        "email": (f"customer{person}@example.com", "pay_"),
        "name": (f"Customer {person}", "pay_"),
        "reference": (f"AO-{40_000 + number}", "pay_"),
        "last4": (f"{number % 10_000:04}", "pay_"),
        "nothing": (f"nowhere {number}", ""),
    }


def others(number: int) -> dict[str, tuple[str, str]]:
    """What asks for more than a text."""
    amount = 500 + number * 7919 % 90_000
    euros = number % 5 != 4
    money = str(Money(amount, "EUR" if euros else "JPY"))
    digest = hashlib.md5(str(number % 50_000).encode(), usedforsecurity=False).hexdigest()
    return {
        "customer_id": (f"cus_{digest}", "cst_"),
        "last4_amount": (f"{number % 10_000:04} {money}", "pay_"),
        "amount": (money, "pay_"),
        "status": ("status:failed", "pay_"),
        "status_date": ("status:failed date:last-week", "pay_"),
        "amount_limit": ("amount:>800 currency:EUR", "pay_"),
        "refunded": ("is:refunded date:this-month", "pay_"),
        "without": (f"-status:succeeded -last4:{number % 10_000:04} date:last-30-days", "pay_"),
        "name_status": (f'"Customer {number % 500}" status:failed', ""),
    }


def measure(rows: int | None = None) -> Report:
    """``rows`` is how many payments there are."""
    count = rows or LARGE
    started = installation.start("search")
    page, palette, baseline, seconds = make(started, count)
    numbers = [1 + (count * step) // (ROUNDS + WARM_UP) for step in range(ROUNDS + WARM_UP)]
    for number in numbers[:WARM_UP]:
        ask_all((page, palette), number)
    for asking in (page, palette):
        asking.forget()
    for number in numbers[WARM_UP:]:
        ask_all((page, palette), number)
    for number in numbers[WARM_UP :: (ROUNDS // BASELINE_ROUNDS)]:
        baseline.round([(kind, *each) for kind, each in texts(number).items()])
    return report(page, palette, baseline, rows=count, filled=seconds)


def ask_all(askings: Sequence[Asking], number: int) -> None:
    for asking in askings:
        asking.round([(kind, *each) for kind, each in {**texts(number), **others(number)}.items()])


def make(started: Installation, rows: int) -> tuple[Asking, Asking, Asking, float]:
    """The filled database with both sites before it; also the seconds that filling took."""
    filled = fill_and_serve(started, "search", rows, whole=True, **BUSY_CLIENT)
    base, signed_in, server = "/m/bench/test/", {"Cookie": filled.cookies[0]}, started.database.pid
    page = Asking(server, filled.ours, f"{base}search/", signed_in)
    palette = Asking(server, filled.ours, f"{base}_/palette/", {**signed_in, **HTMX})
    return page, palette, Asking(server, filled.stock, f"{base}search/", signed_in), filled.seconds


def report(page: Asking, palette: Asking, baseline: Asking, *, rows: int, filled: float) -> Report:
    kinds = list(texts(1))
    mine, its = page.ms(0.5, kinds), baseline.ms(0.5, kinds)
    within = {"bound": SLOWEST_MS, "at_most": True, "unit": "ms"}
    goals = [
        Goal("p95 of the page, all kinds", ratio=page.ms(0.95), value=page.ms(0.95), **within),
        Goal("p95 of the palette, all kinds", ratio=palette.ms(0.95), value=palette.ms(0.95), **within),
        Goal("times icontains, the same texts", TIMES, its / mine, value=mine, baseline=its, unit="ms, p50"),
        Goal("seconds to make the rows", LONGEST_FILL, filled, at_most=True, value=filled, unit="s"),
    ]
    more = {"rows": rows, "page": page.told(), "palette": palette.told(), "icontains": baseline.told()}
    return Report("search", goals, more)
