"""A whole account read from the stand-in processor, beside bare listing of the same objects by Stripe's package."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import stripe

from benchmarks import installation
from benchmarks.report import Goal, Report
from benchmarks.rounds import children_of, cpu_of, cpu_seconds, median
from benchmarks.worlds import KEY, Processor, processor

if TYPE_CHECKING:
    from billing.sync.models import SyncRun

PAYMENTS, DAYS = 8_000, 91
ROUNDS = 3
WANTED = 1_000
# Where each kind is listed, in any order.
LISTS = (
    *("customers", "payment_methods", "payment_intents", "charges", "refunds", "disputes"),
    *("radar/early_fraud_warnings", "reviews", "payouts", "balance_transactions", "invoices"),
)


@dataclass
class Reading:
    """One account, read once. ``resident`` is the reader's memory in MiB at each quarter of the objects."""

    objects: int = 0
    seconds: float = 0
    cpu: dict[str, float] = field(default_factory=dict)
    resident: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return self.objects / self.seconds


def measure(rows: int | None = None) -> Report:
    """``rows`` is how many payments the account has."""
    started = installation.start("backfill")
    with processor(payments=rows or PAYMENTS, days=DAYS) as stand_in:
        bare, ours = [], []
        for number in range(ROUNDS):
            bare.append(list_bare(stand_in))
            ours.append(read_account(started, stand_in, f"round-{number}"))
        if {reading.objects for reading in ours} != {reading.objects for reading in bare}:
            raise AssertionError(f"{[each.objects for each in ours]} objects of {[each.objects for each in bare]}")
    rate, bare_rate = median([each.rate for each in ours]), median([each.rate for each in bare])
    # Of the first account: later ones begin in a process that has grown already.
    growth = ours[0].resident[-1] / ours[0].resident[0]
    goals = [
        Goal(
            f"objects a second, {ours[0].objects} of them; beside bare listing by Stripe's package",
            bound=WANTED, ratio=rate, value=rate, baseline=bare_rate, unit="objects/s",
        ),
        Goal(
            "memory at the end beside a quarter of the way",
            bound=1.1, ratio=growth, value=ours[0].resident[-1], baseline=ours[0].resident[0], at_most=True, unit="MiB",
        ),
    ]  # fmt: skip
    more = {
        "cpu_us_per_object": {
            name: round(median([each.cpu[name] for each in ours]) / ours[0].objects * 1e6, 1) for name in ours[0].cpu
        },
        "bare_cpu_us_per_object": round(median([each.cpu["reader"] for each in bare]) / bare[0].objects * 1e6, 1),
        "resident": ours[0].resident,
        "rounds": {"ours": [round(each.rate) for each in ours], "bare": [round(each.rate) for each in bare]},
    }
    return Report("backfill", goals, more)


def list_bare(stand_in: Processor) -> Reading:
    """Every page of every list, and nothing done with it."""
    client = stripe.StripeClient(KEY, base_addresses={"api": stand_in.url, "files": stand_in.url})
    reading, began, cpu = Reading(), time.perf_counter(), time.process_time()
    for name in LISTS:
        after: dict[str, Any] = {}
        while True:
            page = client.raw_request("get", f"/v1/{name}", limit=100, **after).data
            assert isinstance(page, dict)
            reading.objects += len(page["data"])
            if not page["has_more"]:
                break
            after = {"starting_after": page["data"][-1]["id"]}
    reading.seconds = time.perf_counter() - began
    reading.cpu = {"reader": time.process_time() - cpu}
    return reading


def read_account(started: installation.Installation, stand_in: Processor, slug: str) -> Reading:
    from billing.audit.actor import SYSTEM
    from billing.queue.run import claim_and_run
    from billing.sync.models import RunKind
    from billing.sync.run import SYNC
    from billing.sync.start import start_run

    run = start_run(account=connect(stand_in, slug), kind=RunKind.BACKFILL, by=SYSTEM)
    reading, quarters = Reading(), iter((250, 500, 750, 1_000))
    quarter = next(quarters)
    with used(started, stand_in, reading):
        while claim_and_run(SYNC):
            run.refresh_from_db()
            while run.progress >= quarter:
                reading.resident.append(resident())
                quarter = next(quarters, 1_001)
    check(run)
    reading.objects = sum(told["read"] for told in run.tally.values())
    return reading


@contextmanager
def used(started: installation.Installation, stand_in: Processor, reading: Reading) -> Iterator[None]:
    def now() -> tuple[float, float, float]:
        database = cpu_seconds(children_of(started.database.pid))
        return time.process_time(), database, cpu_of(stand_in.pid)

    began, before = time.perf_counter(), now()
    yield
    reading.seconds = time.perf_counter() - began
    spent = (last - first for first, last in zip(before, now(), strict=True))
    reading.cpu = dict(zip(("reader", "postgres", "processor"), spent, strict=True))


def connect(stand_in: Processor, slug: str) -> Any:
    from billing.audit.actor import SYSTEM
    from billing.merchants.create import create_merchant
    from billing.providers.models import ProviderAccount

    merchant = create_merchant(slug=slug, name=slug, timezone="Europe/Paris", currency="EUR", by=SYSTEM)
    account = ProviderAccount(
        merchant=merchant, livemode=False, api_key=KEY, api_base=stand_in.url, created_at=merchant.created_at
    )
    account.save()
    return account


def check(run: "SyncRun") -> None:
    """Raises unless everything that was read is here."""
    from billing.mirror import registry
    from billing.sync.models import RunEnd

    here = {kind.value: registry.of(kind).rows.filter(account=run.account).count() for kind in registry.kinds()}
    read = {kind: told["read"] for kind, told in run.tally.items()}
    if run.end != RunEnd.COMPLETE or here != read or run.findings.exists():
        raise AssertionError(f"{run.end} {run.error}: {read} were read, {here} are here")


def resident() -> float:
    """MiB of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 2**20, 1)
