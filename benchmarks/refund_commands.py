"""Refunds from the requests of two people to their known end, carried out by two workers, beside bare calls of Stripe's
package one after the other."""

import atexit
import time
import uuid
from collections.abc import Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import stripe

from benchmarks import installation
from benchmarks.backfill import check, connect
from benchmarks.report import Goal, Report
from benchmarks.rounds import children_of, cpu_of, cpu_seconds, median
from benchmarks.worlds import KEY, Processor, processor
from portal.embedded.programs import ASKING_WORKER, python
from portal.embedded.spawn import end, spawn

if TYPE_CHECKING:
    from billing.audit.actor import Actor
    from billing.payments.models import Payment
    from billing.providers.models import ProviderAccount

ROUNDS, EACH, WARMING = 3, 800, 40
WORKERS, WANTED = 2, 100
# Who asks at once: a small installation has two processes of the site.
PEOPLE = 2
DAYS = 20
# Of the payments of a history so many can be given back for sure, in its main currency.
SHARE = 0.4
# What is measured is not how many calls a second the processor allows.
UNHURRIED = {"COUNTERFOIL_CALLS_PER_SECOND": "100000"}
PATIENCE_SECONDS = 120.0


def measure(rows: int | None = None) -> Report:
    """``rows`` is how many refunds a round makes."""
    each = rows or EACH
    started = installation.start("refund_commands")
    needed = (ROUNDS * each + WARMING) * 2
    with processor(payments=int(needed / SHARE), days=DAYS) as stand_in, ThreadPoolExecutor(PEOPLE) as site:
        account = read(stand_in)
        payments = refundable(account, needed)
        people = [hire(account) for _ in range(PEOPLE)]
        workers = start_workers(started)
        bare, ours, asked, cpu = [], [], [], []
        for number in range(ROUNDS + 1):
            # The first round only warms up.
            size = each if number else WARMING
            theirs, mine = ([payments.pop() for _ in range(size)] for _ in range(2))
            bare_rate = refund_bare(stand_in, theirs)
            before = used(started, stand_in, workers)
            asking, rate = refund(site, mine, people)
            after = used(started, stand_in, workers)
            if number:
                bare.append(bare_rate)
                ours.append(rate)
                asked.append(asking)
                cpu.append({name: (after[name] - before[name]) / size * 1e6 for name in after})
    value, baseline = median(ours), median(bare)
    goals = [
        Goal(
            f"refunds a second from request to known end, {WORKERS} workers; beside bare calls of Stripe's package",
            bound=WANTED, ratio=value, value=value, baseline=baseline, unit="refunds/s",
        ),
    ]  # fmt: skip
    more = {
        "requests_per_second": round(median(asked)),
        "cpu_us_per_refund": {name: round(median([each[name] for each in cpu])) for name in cpu[0]},
        "rounds": {"ours": [round(rate) for rate in ours], "bare": [round(rate) for rate in bare]},
    }
    return Report("refund_commands", goals, more)


def read(stand_in: Processor) -> "ProviderAccount":
    """The account with all that it has."""
    from billing.audit.actor import SYSTEM
    from billing.providers import limiter
    from billing.queue.run import claim_and_run
    from billing.sync.models import RunKind
    from billing.sync.run import SYNC
    from billing.sync.start import start_run

    limiter.configure(test=int(UNHURRIED["COUNTERFOIL_CALLS_PER_SECOND"]))
    account: ProviderAccount = connect(stand_in, "returns")
    run = start_run(account=account, kind=RunKind.BACKFILL, by=SYSTEM)
    while claim_and_run(SYNC):
        pass
    run.refresh_from_db()
    check(run)
    return account


def refundable(account: "ProviderAccount", count: int) -> list["Payment"]:
    """Payments of which everything is left."""
    from billing.payments.models import Payment

    whole = Payment.objects.filter(account=account, currency="EUR", amount_captured__gt=100, refunds_total=0)
    found = list(whole.filter(amount_lost=0, disputes=None).select_related("account")[:count])
    if len(found) < count:
        raise AssertionError(f"{len(found)} of {count} payments can be given back")
    return found


def hire(account: "ProviderAccount") -> "Actor":
    """Somebody who may give all of it back alone."""
    from django.contrib.auth import get_user_model

    from billing.access.roles import MerchantRole
    from billing.audit.actor import SYSTEM, Actor
    from billing.limits.models import Action, RoleLimit
    from billing.merchants.members import grant_membership

    person = get_user_model().objects.create(email=f"returns-{uuid.uuid4().hex}@example.com")
    grant_membership(merchant=account.merchant, user=person, role=MerchantRole.OWNER, by=SYSTEM)
    whose = {"merchant": account.merchant, "livemode": account.livemode, "role": MerchantRole.OWNER}
    limits = {"single": 10**12, "daily": 10**12}
    RoleLimit.objects.get_or_create(**whose, action=Action.REFUND, currency="EUR", defaults=limits)
    return Actor("user", person.public_id, person.email)


def start_workers(started: installation.Installation) -> int:
    """The head of one worker for each core that a small installation has; its process id."""
    log = started.place / "worker.log"
    environment = started.environment | UNHURRIED
    program = python("asking", (*ASKING_WORKER, "--concurrency", str(WORKERS)), environment=environment, log=log)
    worker = spawn(program)
    atexit.register(end, worker, asking_with=15, within=10)
    return worker.pid


def refund_bare(stand_in: Processor, payments: list["Payment"]) -> float:
    """Refunds a second of somebody who asks for nothing twice and writes nothing down."""
    client = stripe.StripeClient(KEY, base_addresses={"api": stand_in.url, "files": stand_in.url})
    began = time.perf_counter()
    for payment in payments:
        client.v1.refunds.create({"charge": payment.external_charge_id, "amount": 100})
    return len(payments) / (time.perf_counter() - began)


def refund(site: Executor, payments: list["Payment"], people: Sequence["Actor"]) -> tuple[float, float]:
    """How many a second were asked for, by each person one after the other, and how many were known to be done."""
    began = time.perf_counter()
    shares = [payments[number :: len(people)] for number in range(len(people))]
    list(site.map(ask_for, shares, people))
    asked = time.perf_counter()
    wait_until_done(len(payments))
    done = time.perf_counter()
    return len(payments) / (asked - began), len(payments) / (done - began)


def ask_for(payments: list["Payment"], person: "Actor") -> None:
    from billing.money import Money
    from billing.refunds.issue import Terms, issue_refund
    from billing.refunds.reasons import RefundReason

    for payment in payments:
        issue_refund(
            payment=payment,
            terms=Terms(Money(100, payment.currency), RefundReason.CUSTOMER_REQUEST),
            seen_left=payment.amount_captured,
            form_key=str(uuid.uuid4()),
            by=person,
        )


def wait_until_done(count: int) -> None:
    from billing.commands.models import OPEN, MoneyCommand

    deadline = time.monotonic() + PATIENCE_SECONDS
    while left := MoneyCommand.objects.filter(command_state__in=OPEN).count():
        if time.monotonic() > deadline:
            raise AssertionError(f"{left} of {count} refunds are open after {PATIENCE_SECONDS:.0f} s")
        time.sleep(0.01)
    if failed := MoneyCommand.objects.exclude(command_state="succeeded").count():
        raise AssertionError(f"{failed} refunds were not carried out")


def used(started: installation.Installation, stand_in: Processor, workers: int) -> dict[str, Any]:
    """Seconds of CPU so far."""
    return {
        "requests": time.process_time(),
        "workers": cpu_seconds(children_of(workers)),
        "postgres": cpu_seconds(children_of(started.database.pid)),
        "processor": cpu_of(stand_in.pid),
    }
