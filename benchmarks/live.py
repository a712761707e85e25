"""From an event that was stored to the eyes of 200 people at 20 merchants, whose pages all ask anew at each signal."""

import asyncio
import atexit
import html
import random
import re
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import redis
import redis.asyncio
from playwright.async_api import Browser, Page, async_playwright

from benchmarks import installation
from benchmarks.events import encoded, request
from benchmarks.installation import Installation, Site
from benchmarks.load import post_all
from benchmarks.people import Person
from benchmarks.report import Goal, Report
from benchmarks.rounds import median, percentile
from benchmarks.shops import ACME
from benchmarks.stories import Story
from portal.embedded.programs import WORKER, python
from portal.embedded.spawn import end, spawn
from tests.browsers import FLAGS, find_browser

MERCHANTS, PEOPLE, BROWSERS = 20, 10, 3
PAYMENTS, BEFORE = 120, 30
BETWEEN_SECONDS = 0.5
# As static/js/live.js does it.
ASKED_AGAIN_AFTER = 1.0
RESTED = 2.0
SLOWEST_MS = 1_000
PATIENCE_SECONDS = 30.0
BARE_SIGNALS, BARE_CHANNEL = 200, "bench:bare"
_RESULTS = re.compile(r"<section id=\"results\"[^>]*\bhx-get=\"([^\"]+)\"")


@dataclass(frozen=True)
class Shop:
    """A merchant, the door of its events, and the session of one who may see them."""

    slug: str
    door: str
    cookie: str

    @property
    def base(self) -> str:
        return f"/m/{self.slug}/test/"


@dataclass
class Told:
    """When the event of each payment was stored, by the payment's reference. Seconds of the monotonic clock."""

    stored: dict[str, dict[str, float]] = field(default_factory=lambda: defaultdict(dict))

    async def tell(self, site: Site, shops: Sequence[Shop], count: int, *, between: float, first: int) -> None:
        """Payments of the shops in turn; each one's first event is posted, and counts as stored once the door says
        so."""
        for number in range(first, first + count):
            shop = shops[number % len(shops)]
            story = Story(ACME, random.Random(number), int(time.time()), number)
            story.pay()
            for event in story.events:
                body = encoded(event)
                sent = request(shop.door, body, secret=installation.WEBHOOK_SECRET, moment=int(time.time()))
                await asyncio.to_thread(post_all, site.port, [sent], clients=1)
                self.stored[shop.slug].setdefault(reference(number), time.perf_counter())
            await asyncio.sleep(between)

    def forget(self) -> None:
        self.stored.clear()


def reference(number: int) -> str:
    return f"{ACME.prefix}-{number}"


class Watcher:
    """One person's list of transactions: listens, and asks for it anew as a page would."""

    def __init__(self, site: Site, shop: Shop, told: Told) -> None:
        self.site, self.shop, self.told = site, shop, told
        self.seen: dict[str, float] = {}
        self.signalled = asyncio.Event()
        self.answered = time.monotonic()

    async def watch(self) -> None:
        page, stream = Person(self.site.port, self.shop.cookie), Person(self.site.port, self.shop.cookie)
        text, _ = await page.get(f"{self.shop.base}transactions/")
        found = _RESULTS.search(text)
        if not found:
            raise AssertionError("the list does not ask anew")
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self.listen(stream))
                both.create_task(self.ask(page, html.unescape(found[1])))
        finally:
            await page.leave()
            await stream.leave()

    async def listen(self, stream: Person) -> None:
        async for topics in stream.signals(f"{self.shop.base}_/live/"):
            if "pay" in topics.split():
                self.signalled.set()

    async def ask(self, page: Person, path: str) -> None:
        while True:
            await self.signalled.wait()
            self.signalled.clear()
            text, _ = await page.get(path, region="results")
            self.answered = time.monotonic()
            self.look(text)
            await asyncio.sleep(ASKED_AGAIN_AFTER)

    @property
    def rests(self) -> bool:
        """Has heard nothing new for a while."""
        return not self.signalled.is_set() and time.monotonic() - self.answered > RESTED

    def look(self, text: str) -> None:
        for wanted in self.missing():
            if wanted in text:
                self.seen[wanted] = time.perf_counter()

    def missing(self) -> set[str]:
        return self.told.stored[self.shop.slug].keys() - self.seen.keys()

    def waits(self) -> list[float]:
        stored = self.told.stored[self.shop.slug]
        return [self.seen[each] - stored[each] for each in stored if each in self.seen]


class Tab(Watcher):
    """The same in a real browser, which is looked at and asked nothing."""

    def __init__(self, site: Site, shop: Shop, told: Told, page: Page) -> None:
        super().__init__(site, shop, told)
        self.page = page

    async def watch(self) -> None:
        await self.page.goto(f"http://127.0.0.1:{self.site.port}{self.shop.base}transactions/")
        while True:
            for wanted in self.missing():
                if await self.page.get_by_text(wanted, exact=True).first.is_visible():
                    self.seen[wanted] = time.perf_counter()
            await asyncio.sleep(0.02)


def measure(rows: int | None = None) -> Report:
    """``rows`` is how many payments are told of."""
    started = installation.start("live")
    site = start_site(started)
    shops = [open_shop(number) for number in range(MERCHANTS)]
    return asyncio.run(watch_all(started, site, shops, payments=rows or PAYMENTS))


def start_site(started: Installation) -> Site:
    """The site and one worker, each a process, as a small installation has them."""
    # Ten people of a merchant share one session here.
    processes, busy = installation.PROCESSES, {"COUNTERFOIL_REQUESTS_PER_SECOND": "1000000"}
    site = started.serve("web", "portal.asgi:application", processes=processes, **busy)
    log = started.place / "worker.log"
    worker = spawn(python("worker", (*WORKER, "--concurrency", "1"), environment=started.environment, log=log))
    atexit.register(end, worker, asking_with=15, within=10)
    return site


def open_shop(number: int) -> Shop:
    from benchmarks.fill import sign_in

    slug, email = f"shop-{number}", f"shop{number}@example.com"
    door = installation.connect_merchant(slug)
    installation.command("create_user", email, merchant=slug, role="owner", password="paper-boat-4711-x")
    return Shop(slug, door, sign_in(email))


async def watch_all(started: Installation, site: Site, shops: Sequence[Shop], *, payments: int) -> Report:
    told, ear = Told(), redis.Redis.from_url(started.redis_url)
    bare = await bare_signals(started)
    await told.tell(site, shops, MERCHANTS * BEFORE, between=0, first=1_000_000)
    await until(nothing_waits)
    told.forget()
    people = [Watcher(site, shop, told) for shop in shops for _ in range(PEOPLE)]
    async with async_playwright() as playwright:
        path = await asyncio.to_thread(find_browser)
        chromium = await playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        # One of the people of each of the first merchants looks at a real screen instead.
        tabs = [Tab(site, shop, told, await new_page(chromium, site, shop)) for shop in shops[:BROWSERS]]
        watchers = [each for number, each in enumerate(people) if number not in range(0, BROWSERS * PEOPLE, PEOPLE)]
        tasks = [asyncio.create_task(each.watch()) for each in (*watchers, *tabs)]
        await until(lambda: subscribers(ear) >= len(people))
        streams = subscribers(ear)
        # Two hundred people who come at once to a site that has just started are not what is asked about here.
        await until(lambda: nothing_waits() and all(each.rests for each in watchers))
        await told.tell(site, shops, payments, between=BETWEEN_SECONDS, first=2_000_000)
        await until(lambda: not any(each.missing() for each in (*watchers, *tabs)))
        for task in tasks:
            task.cancel()
        broken = [each for each in await asyncio.gather(*tasks, return_exceptions=True) if isinstance(each, Exception)]
        if broken:
            raise ExceptionGroup("people who saw an error", broken)
        await chromium.close()
    await until(lambda: subscribers(ear) == 0)
    return report(watchers, tabs, bare, streams=streams, left=subscribers(ear))


async def new_page(chromium: Browser, site: Site, shop: Shop) -> Page:
    context = await chromium.new_context()
    name, _, value = shop.cookie.partition("=")
    await context.add_cookies([{"name": name, "value": value, "url": f"http://127.0.0.1:{site.port}"}])
    return await context.new_page()


async def bare_signals(started: Installation) -> list[float]:
    """Seconds from publishing to hearing, with as many subscribers and nothing else."""
    client = redis.asyncio.Redis.from_url(started.redis_url, socket_timeout=None)
    heard: list[float] = []

    async def hear(ready: asyncio.Semaphore) -> None:
        async with client.pubsub() as subscription:
            await subscription.subscribe(BARE_CHANNEL)
            await subscription.get_message(timeout=5)
            ready.release()
            for _ in range(BARE_SIGNALS):
                message = await subscription.get_message(timeout=PATIENCE_SECONDS)
                heard.append(time.perf_counter() - float(message["data"]))

    ready = asyncio.Semaphore(0)
    ears = [asyncio.create_task(hear(ready)) for _ in range(PEOPLE)]
    for _ in ears:
        await ready.acquire()
    for _ in range(BARE_SIGNALS):
        await client.publish(BARE_CHANNEL, time.perf_counter())
        await asyncio.sleep(0.01)
    await asyncio.gather(*ears)
    await client.aclose()
    return heard


def subscribers(ear: "redis.Redis") -> int:
    """Clients that listen to a channel; workers listen to patterns alone."""
    return sum(int(each["sub"]) > 0 for each in ear.client_list(_type="pubsub"))


def nothing_waits() -> bool:
    from billing.outbox.models import OutboxDelivery, OutboxEvent
    from billing.webhooks.models import WebhookEvent

    return not any(rows.objects.exclude(state="done").exists() for rows in (WebhookEvent, OutboxEvent, OutboxDelivery))


async def until(holds: Callable[[], bool]) -> None:
    """Waits for it as long as one may; what does not come shows in the figures."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    # What is waited for happens in other processes.
    while not await asyncio.to_thread(holds) and time.monotonic() < deadline:  # noqa: ASYNC110
        await asyncio.sleep(0.1)


def report(
    watchers: Sequence[Watcher], tabs: Sequence[Tab], bare: Sequence[float], *, streams: int, left: int
) -> Report:
    waits, on_screen = ([wait for each in some for wait in each.waits()] for some in ((*watchers, *tabs), tabs))
    unseen = sum(len(each.missing()) for each in (*watchers, *tabs))
    limit = percentile(bare, 0.95) * 1000

    def soon(about: str, found: Sequence[float]) -> Goal:
        slowest = percentile(found, 0.95) * 1000
        return Goal(about, SLOWEST_MS, slowest, at_most=True, value=slowest, baseline=limit, unit="ms")

    goals = [
        soon("p95 from stored to visible, all people; beside a bare signal", waits),
        soon("p95 from stored to visible, real browsers; beside a bare signal", on_screen),
        Goal("payments that somebody did not see", bound=0, ratio=unseen, at_most=True, value=unseen),
        Goal("subscriptions left when all have gone", bound=0, ratio=left, at_most=True, value=left),
    ]
    more = {
        "streams": streams,
        "sights": len(waits),
        "p50_ms": round(median(waits) * 1000, 1),
        "p99_ms": round(percentile(waits, 0.99) * 1000, 1),
        "slowest_ms": round(max(waits) * 1000, 1),
    }
    return Report("live", goals, more)
