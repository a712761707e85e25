"""The transactions list, signed in, 25 rows a page: small and large, first and deep, beside a stock list."""

import http.client
import time
from dataclasses import dataclass, field

from benchmarks import installation
from benchmarks.filled import fill_and_serve
from benchmarks.installation import Installation, Site
from benchmarks.report import Goal, Report
from benchmarks.rounds import cpu_of_both, median, percentile

SMALL, LARGE = 10_000, 1_000_000
ROUNDS, WARM_UP = 15, 8
PAGES = {"ours": 12, "deep": 12, "bare": 20, "stock": 4}
LONGEST_FILL = 300
# One client asks faster than any person.
BUSY_CLIENT = {"COUNTERFOIL_REQUESTS_PER_SECOND": "1000000"}


@dataclass
class Page:
    """One address, asked for by one client over one connection. Seconds a page, and CPU of site and database."""

    database: int
    site: Site
    path: str
    cookie: str
    expected: str
    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.line = http.client.HTTPConnection("127.0.0.1", self.site.port, timeout=60)

    def get(self) -> str:
        """The page's text; raises when it is not the page that was meant."""
        self.line.request("GET", self.path, headers={"Cookie": self.cookie})
        answer = self.line.getresponse()
        text = answer.read().decode()
        if answer.status != 200 or text.count(self.expected) < 1:
            raise AssertionError(f"{self.path} answers {answer.status}: {text[:300]}")
        return text

    def round(self, count: int) -> None:
        # The server closes connections that rest for some seconds, as between the rounds.
        self.line.close()
        before = self.used()
        for _ in range(count):
            started = time.perf_counter()
            self.get()
            self.seconds.append(time.perf_counter() - started)
        self.cpu.append((self.used() - before) / count)

    def used(self) -> float:
        return cpu_of_both(self.site.process.pid, self.database)

    @property
    def ms(self) -> float:
        """Milliseconds of CPU a page, of the site and PostgreSQL: the pages a second that a core can give."""
        return median(self.cpu) * 1000

    def told(self) -> dict[str, float]:
        return {
            "cpu_ms": round(self.ms, 2),
            "p50_ms": round(median(self.seconds) * 1000, 2),
            "p95_ms": round(percentile(self.seconds, 0.95) * 1000, 2),
        }


def measure(rows: int | None = None) -> Report:
    """``rows`` is how many payments the large list has."""
    large = rows or LARGE
    started = installation.start("payments_list")
    pages: dict[str, Page] = {}
    filled = {}
    for size, count in (("small", min(SMALL, large)), ("large", large)):
        made, filled[size] = make(started, size, count)
        pages |= made
    for page in pages.values():
        page.round(WARM_UP)
        page.seconds.clear()
        page.cpu.clear()
    for _ in range(ROUNDS):
        for name, page in pages.items():
            page.round(PAGES[name.split("_")[0]])
    return report(pages, rows=large, filled=filled)


def make(started: Installation, size: str, rows: int) -> tuple[dict[str, Page], float]:
    """A filled database with both sites before it; also the seconds that filling took."""
    filled = fill_and_serve(started, size, rows, **BUSY_CLIENT)
    base, cookie, server = "/m/bench/test/", filled.cookies[0], started.database.pid
    pages = {
        f"ours_{size}": Page(server, filled.ours, f"{base}transactions/", cookie, "pay_"),
        f"deep_{size}": Page(server, filled.ours, f"{base}transactions/?cursor={filled.cursor}", cookie, "pay_"),
        f"stock_{size}": Page(server, filled.stock, f"{base}stock/", cookie, "AO-"),
        f"bare_{size}": Page(server, filled.stock, f"{base}bare/", cookie, "bench@example.com"),
    }
    return pages, filled.seconds


def report(pages: dict[str, Page], *, rows: int, filled: dict[str, float]) -> Report:
    def compare(about: str, one: str, other: str, bound: float, *, at_most: bool = False) -> Goal:
        mine, its = pages[one].ms, pages[other].ms
        ratio = mine / its if at_most else its / mine
        return Goal(about, bound=bound, ratio=ratio, at_most=at_most, value=mine, baseline=its, unit="CPU ms a page")

    goals = [
        compare("first page, large against small", "ours_large", "ours_small", 1.2, at_most=True),
        compare("deep page, large against small", "deep_large", "deep_small", 1.2, at_most=True),
        compare("times the stock list's pages a second, small", "ours_small", "stock_small", 4),
        compare("times the stock list's pages a second, large", "ours_large", "stock_large", 6),
        compare("first page against a bare signed-in page, small", "ours_small", "bare_small", 3, at_most=True),
        compare("first page against a bare signed-in page, large", "ours_large", "bare_large", 3, at_most=True),
        Goal("seconds to make the rows", LONGEST_FILL, filled["large"], at_most=True, value=filled["large"], unit="s"),
    ]
    more = {"rows": rows, "pages": {name: page.told() for name, page in pages.items()}, "filled_in_s": filled}
    return Report("payments_list", goals, more)
