"""Events into state by one worker: all kinds of objects that are mirrored, timeline, figures, outbox, the inbox."""

import random
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from benchmarks import installation
from benchmarks.events import lived
from benchmarks.report import Goal, Report
from benchmarks.rounds import children_of, cpu_seconds, median

if TYPE_CHECKING:
    from billing.providers.models import ProviderAccount

ROUNDS = 5
EVENTS, EVENTS_ONE_BY_ONE = 4_000, 300


class Way:
    """One way to process events: rates are events a second of wall time, CPU is microseconds an event."""

    def __init__(self, started: installation.Installation, run: Callable[["ProviderAccount"], None]) -> None:
        self.started, self.run = started, run
        self.rates: list[float] = []
        self.cpu: dict[str, list[float]] = {"worker": [], "postgres": []}

    def round(self, account: "ProviderAccount", events: Sequence[bytes], *, counts: bool) -> None:
        fill_inbox(account, events)
        before = self.used()
        started = time.perf_counter()
        self.run(account)
        seconds, after = time.perf_counter() - started, self.used()
        if counts:
            self.rates.append(len(events) / seconds)
            for name, first, last in zip(self.cpu, before, after, strict=True):
                self.cpu[name].append((last - first) / len(events) * 1e6)

    def used(self) -> tuple[float, float]:
        return time.process_time(), cpu_seconds(children_of(self.started.database.pid))

    @property
    def rate(self) -> float:
        return median(self.rates)

    @property
    def total_cpu(self) -> float:
        return sum(median(values) for values in self.cpu.values())

    def told(self) -> dict[str, float]:
        return {name: round(median(values), 1) for name, values in self.cpu.items()}


def measure(rows: int | None = None) -> Report:
    """``rows`` is how many events a round processes."""
    count = rows or EVENTS
    started = installation.start("process")
    installation.connect_merchant("batches")
    installation.connect_merchant("single")
    from billing.providers.models import ProviderAccount

    batches, single = (ProviderAccount.objects.get(merchant__slug=slug) for slug in ("batches", "single"))
    ours, theirs = Way(started, claimed_batches), Way(started, one_by_one)
    for number in range(ROUNDS + 1):
        # The first round only warms up.
        ours.round(batches, shuffled(count, seed=number), counts=number > 0)
        # In order: this way has no means to wait for a payment that is not here yet.
        theirs.round(single, lived(EVENTS_ONE_BY_ONE, seed=1_000 + number), counts=number > 0)
    check(batches, count * (ROUNDS + 1))
    check(single, EVENTS_ONE_BY_ONE * (ROUNDS + 1))
    goals = [
        Goal("events a second, one worker", bound=2_500, ratio=ours.rate, value=ours.rate, unit="events/s"),
        Goal(
            "times the same one by one through the ORM",
            bound=5, ratio=ours.rate / theirs.rate, value=ours.rate, baseline=theirs.rate, unit="events/s",
        ),
    ]  # fmt: skip
    more = {
        "cpu_us_per_event": ours.told(),
        "one_by_one_cpu_us_per_event": theirs.told(),
        "ratio_by_cpu": round(theirs.total_cpu / ours.total_cpu, 2),
        "rounds": {"ours": [round(rate) for rate in ours.rates], "one_by_one": [round(rate) for rate in theirs.rates]},
    }
    return Report("process", goals, more)


def shuffled(count: int, *, seed: int) -> list[bytes]:
    """Events of many payments between each other, as they arrive; each about as near to its own kind as in a minute."""
    chance = random.Random(seed)
    told = list(enumerate(lived(count, seed=seed)))
    return [body for _, body in sorted(told, key=lambda each: each[0] + chance.uniform(0, 60))]


def fill_inbox(account: "ProviderAccount", events: Sequence[bytes]) -> None:
    """Rows as the door leaves them."""
    import json
    from datetime import UTC, datetime

    from billing import clock
    from billing.webhooks.models import WebhookEvent

    rows = []
    for body in events:
        event = json.loads(body)
        target = event["data"]["object"]
        rows.append(
            WebhookEvent(
                account=account,
                merchant_id=account.merchant_id,
                livemode=False,
                external_id=event["id"],
                type=event["type"],
                api_version=event["api_version"],
                object_type=target["object"],
                object_id=target["id"],
                body=body,
                occurred_at=datetime.fromtimestamp(event["created"], UTC),
                received_at=clock.now(),
            )
        )
    WebhookEvent.objects.bulk_create(rows, batch_size=500)


def claimed_batches(account: "ProviderAccount") -> None:
    from billing.queue.run import claim_and_run
    from billing.webhooks.process import INBOX

    while claim_and_run(INBOX):
        pass


def one_by_one(account: "ProviderAccount") -> None:
    from benchmarks.one_by_one import process_one
    from billing.webhooks.models import WebhookEvent

    waiting = WebhookEvent.objects.filter(account=account, state="pending").order_by("pk")
    for event in waiting.select_related("account", "merchant"):
        process_one(event)


def check(account: "ProviderAccount", expected: int) -> None:
    """Raises when an event was left behind or the figures do not equal the payments they sum up."""
    from django.db.models import Sum

    from billing.figures.models import DailyFigures
    from billing.payments.models import Payment
    from billing.webhooks.models import WebhookEvent

    done = WebhookEvent.objects.filter(account=account, state="done").count()
    payments = Payment.objects.filter(account=account)
    figures = DailyFigures.objects.filter(merchant=account.merchant)
    captured = payments.aggregate(total=Sum("amount_captured"))["total"]
    summed = figures.aggregate(count=Sum("payments"), total=Sum("amount_captured"))
    if (done, payments.count(), captured) != (expected, summed["count"], summed["total"]):
        raise AssertionError(f"{done} of {expected} events done; {payments.count()} payments, {captured}, {summed}")
