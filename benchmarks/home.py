"""The home page at 1,000,000 payments: what its SQL takes, beside adding up the payments, and what the figures cost.

SQL is measured as the CPU time of PostgreSQL's own process: on a busy machine the time on the wall says little.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from benchmarks import installation, process
from benchmarks.fill import fill, sign_in
from benchmarks.report import Goal, Report
from benchmarks.rounds import cpu_of, median

ROWS, ROUNDS, WARM_UP = 1_000_000, 15, 3
EVENTS = 4_000
PAGE = "/m/bench/test/?days=90"
# What became of the payments, by one in so many: refunds, disputes, and a movement for each that was paid.
AFTERWARDS = """
INSERT INTO balance_transaction (
    public_id, merchant_id, account_id, livemode, external_id, created_at, updated_at, is_final, state_rank,
    order_event, booking, type, reporting_category, status, amount, fee, net, currency, source_id, description,
    balance_type, available_on, fee_details)
SELECT 'blt_' || id, merchant_id, account_id, livemode, 'txn_' || id, created_at, created_at, false, 0, '', 'payment',
       'charge', 'charge', CASE WHEN created_at < now() - interval '2 days' THEN 'available' ELSE 'pending' END,
       amount_captured,
       amount_captured / 40, amount_captured - amount_captured / 40, currency, external_charge_id, '', 'payments',
       date_trunc('day', created_at + interval '2 days'), '[]'
  FROM payment WHERE amount_captured > 0;
INSERT INTO refund (
    public_id, merchant_id, account_id, livemode, external_id, created_at, updated_at, is_final, state_rank,
    order_event, payment_id, charge_id, amount, currency, provider_status, reason, failure_reason, pending_reason, arn,
    description, balance_transaction_id, failure_balance_transaction_id, metadata)
SELECT 'ref_' || id, merchant_id, account_id, livemode, 're_' || id, created_at, created_at, false, 0, '', id,
       external_charge_id, amount_refunded, currency, 'succeeded', '', '', '', '', '', '', '', '{}'
  FROM payment WHERE amount_refunded > 0;
INSERT INTO dispute (
    public_id, merchant_id, account_id, livemode, external_id, created_at, updated_at, is_final, state_rank,
    order_event, payment_id, charge_id, provider_status, amount, currency, amount_withdrawn, fee, reason,
    network_reason_code, case_type, brand, is_charge_refundable, due_by, has_evidence, past_due, submission_count,
    submission_method, balance_transaction_ids, evidence, metadata)
SELECT 'dsp_' || id, merchant_id, account_id, livemode, 'du_' || id, created_at, created_at, false, 0, '', id,
       external_charge_id, CASE WHEN created_at < now() - interval '9 days' THEN 'lost' ELSE 'needs_response' END,
       amount, currency, amount, 1500, 'fraudulent', '', '', 'visa', false, created_at + interval '14 days', false,
       false, 0, '', '[]', '{}', '{}'
  FROM payment WHERE id % 300 = 0 AND amount_captured > 0
"""
# As good as adding up can be: along an index that holds all that is asked for.
COVERING = """
CREATE INDEX payment_raw_sums ON payment (merchant_id, livemode, currency, created_at)
       INCLUDE (amount_captured, amount_refunded, status)
"""
RAW = """
SELECT (created_at AT TIME ZONE 'Europe/Paris')::date, count(*), count(*) FILTER (WHERE amount_captured > 0),
       count(*) FILTER (WHERE status IN ('failed', 'blocked')), sum(amount_captured), sum(amount_refunded)
  FROM payment WHERE merchant_id = %s AND livemode = %s AND currency = %s AND created_at >= now() - interval '180 days'
 GROUP BY 1
"""


def measure(rows: int | None = None) -> Report:
    """``rows`` is how many payments there are."""
    installation.start("home")
    installation.connect_merchant()
    installation.command(
        "create_user", "bench@example.com", merchant="bench", role="owner", password="paper-boat-4711-x"
    )
    count = rows or ROWS
    fill(count)
    merchant = fill_afterwards()
    figures, page, kept, raw = measure_page(merchant)
    share = measure_upkeep()
    goals = [
        Goal("SQL of all figures of the page", bound=3, ratio=figures, at_most=True, value=figures, unit="CPU ms"),
        Goal(
            "times as fast as adding up 180 days of payments along a covering index",
            bound=100, ratio=raw / kept, value=kept, baseline=raw, unit="CPU ms",
        ),
        Goal("share of the worker's time that keeps the figures", 0.35, share, at_most=True, value=share),
    ]  # fmt: skip
    more = {
        "rows": count,
        "page_cpu_ms": round(median([sum(each) for each in page]), 2),
        "page_statements": len(page[0]),
        "an_empty_statement_cpu_ms": round(empty_statement(), 3),
    }
    return Report("home", goals, more)


def fill_afterwards() -> Any:
    from django.db import connection

    from billing.figures.rebuild import rebuild
    from billing.merchants.models import Merchant
    from billing.payouts.book import book_movements
    from billing.payouts.models import BalanceTransaction
    from portal.database import as_owner

    merchant = Merchant.objects.get()
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(AFTERWARDS)
        cursor.execute(COVERING)
        # What accounts hold is kept with them, however many postings there are: some are as good as all.
        book_movements(BalanceTransaction.objects.order_by("-pk")[:1000])
        rebuild(merchant)
        cursor.execute("VACUUM ANALYZE")
    return merchant


def measure_page(merchant: Any) -> tuple[float, list[list[float]], float, float]:
    """CPU of all figures of the page; of each statement of the page by round; of the sums of 180 days as they are kept;
    and of the same anew."""
    from django.conf import settings
    from django.db import connection
    from django.test import Client

    from billing import clock
    from billing.ledger.balances import balances
    from billing.providers.models import ProviderAccount
    from reports.figures import home

    settings.ALLOWED_HOSTS = ["testserver"]
    client = Client()
    name, _, value = sign_in("bench@example.com").partition("=")
    client.cookies[name] = value
    figures, pages, kept, raw = [], [], [], []
    today = clock.now().astimezone(merchant.zone).date()
    accounts = list(ProviderAccount.objects.filter(merchant=merchant, livemode=False).values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0; SET max_parallel_workers_per_gather = 0")
        for number in range(WARM_UP + ROUNDS):
            with timed() as statements:
                answer = client.get(PAGE)
            if answer.status_code != 200 or b"Needs attention" not in answer.content:
                raise AssertionError(f"{PAGE} answers {answer.status_code}: {answer.content[:300]!r}")
            with timed() as volume:
                days = home.volume(merchant, False, "EUR", today, 90)
            with timed() as others:
                home.today(merchant, False, "EUR", clock.now(), days.days[-1][1])
                balances(accounts)
            with timed() as added_up:
                cursor.execute(RAW, [merchant.pk, False, "EUR"])
            if number >= WARM_UP:
                pages.append(statements)
                figures.append(sum(volume) + sum(others))
                kept.append(sum(volume))
                raw.append(sum(added_up))
    return median(figures), pages, median(kept), median(raw)


@contextmanager
def timed() -> Iterator[list[float]]:
    """Milliseconds of CPU that PostgreSQL takes for each statement that runs meanwhile."""
    from django.db import connection

    took: list[float] = []
    server = connection.connection.info.backend_pid

    def run(execute: Callable[..., Any], *arguments: Any) -> Any:
        began = cpu_of(server)
        try:
            return execute(*arguments)
        finally:
            took.append((cpu_of(server) - began) * 1000)

    with connection.execute_wrapper(run):
        yield took


def empty_statement() -> float:
    """Milliseconds of CPU that PostgreSQL takes to answer nothing: of each statement so much is no work of its own."""
    from django.db import connection

    with connection.cursor() as cursor, timed() as took:
        for _ in range(100):
            cursor.execute("SELECT 1")
    return median(took)


def measure_upkeep() -> float:
    """Of the time in which a worker takes events out of the inbox, the share that counting and adding up takes."""
    from billing.figures.keep import Differences
    from billing.mirror import fold
    from billing.payments import working_set
    from billing.providers.models import ProviderAccount

    installation.connect_merchant("batches")
    account = ProviderAccount.objects.get(merchant__slug="batches")
    spent, shares = [0.0], []

    def clocked(call: Callable[..., Any]) -> Callable[..., Any]:
        def measured(*arguments: Any, **named: Any) -> Any:
            began = time.perf_counter()
            try:
                return call(*arguments, **named)
            finally:
                spent[0] += time.perf_counter() - began

        return measured

    places = [(Differences, "change"), (Differences, "save"), (fold, "count"), (working_set, "count")]
    for number in range(4):
        process.fill_inbox(account, process.shuffled(EVENTS, seed=number))
        spent[0], patches = (
            0.0,
            [mock.patch.object(owner, name, clocked(getattr(owner, name))) for owner, name in places],
        )
        for patch in patches:
            patch.start()
        began = time.perf_counter()
        process.claimed_batches(account)
        shares.append(spent[0] / (time.perf_counter() - began))
        for patch in patches:
            patch.stop()
    # The first round warms up.
    return median(shares[1:])
