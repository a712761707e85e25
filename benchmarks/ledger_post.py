"""Entries into the books a second: one each transaction, beside pgbench and beside posting by single statements, and in
batches onto one hot account."""

import time
from typing import Any

from benchmarks import installation
from benchmarks.pgbench import Pgbench
from benchmarks.report import Goal, Report
from benchmarks.rounds import median

CLIENTS = 32
ROUNDS = 5
SECONDS = 4
CONNECTIONS = 500
BATCH, BATCHES = 100, 60
CURRENCY = "EUR"
_BOUNDS = f"\\set who random(1, {CONNECTIONS})\n\\set n random(1, 1000000000000)\n"
# One sale: what is pending, its fee, and where it came from.
OURS = (
    _BOUNDS
    + """
SELECT ledger_settle(
    ARRAY(SELECT id FROM bench_connection WHERE number = :who), ARRAY['txn_' || :n], '{booked}', ARRAY[now()], now(),
    '{1,1,1}', '{processor_pending,fees,payments}', '{EUR,EUR,EUR}', '{1941,59,-2000}');
"""
)
# The same effect as programs write it: an entry, its accounts locked, its postings, their balances. The tables are the
# same but for their triggers, so nobody checks that it balances.
STATEMENTS = (
    _BOUNDS
    + """
BEGIN;
INSERT INTO bench_entry (account_id, source, kind, revision, occurred_at, created_at)
SELECT id, 'txn_' || :n, 'booked', 1, now(), now() FROM bench_connection WHERE number = :who
RETURNING id AS entry \\gset
SELECT id FROM bench_account WHERE account_id = (SELECT id FROM bench_connection WHERE number = :who)
 ORDER BY id FOR NO KEY UPDATE;
INSERT INTO bench_posting (entry_id, ledger_account_id, amount, occurred_at)
SELECT :entry, bench_account.id, amount, now()
  FROM bench_account JOIN (VALUES ('processor_pending', 1941), ('fees', 59), ('payments', -2000)) AS line (code, amount)
 USING (code) WHERE account_id = (SELECT id FROM bench_connection WHERE number = :who);
UPDATE bench_account SET balance = balance + amount
  FROM (VALUES ('processor_pending', 1941), ('fees', 59), ('payments', -2000)) AS line (code, amount)
 WHERE bench_account.code = line.code
   AND account_id = (SELECT id FROM bench_connection WHERE number = :who);
COMMIT;
"""
)


def measure(rows: int | None = None) -> Report:
    """``rows`` is how many entries a round of batches posts."""
    started = installation.start("ledger_post")
    installation.connect_merchant()
    accounts = open_books()
    pgbench = Pgbench(started.cluster.url, started.place)
    batches = (rows or BATCH * BATCHES) // BATCH
    single: list[float] = []
    statements: list[float] = []
    limits: list[float] = []
    batched: list[float] = []
    for number in range(ROUNDS + 1):
        # The first round only warms up.
        seconds = SECONDS if number else 1
        told = [pgbench.rate(script, clients=CLIENTS, seconds=seconds) for script in (OURS, STATEMENTS)]
        told += [pgbench.rate(clients=CLIENTS, seconds=seconds), post_batches(accounts[0], number, batches)]
        if number:
            for values, rate in zip((single, statements, limits, batched), told, strict=True):
                values.append(rate)
    return report(single, statements, limits, batched, pgbench.which)


def open_books() -> list[Any]:
    """Connections with their accounts open, and the tables of the baseline."""
    from django.db import connection

    from billing import clock
    from billing.ledger.chart import Code
    from billing.ledger.models import LedgerAccount
    from billing.merchants.models import Merchant
    from billing.providers.models import ProviderAccount

    merchant = Merchant.objects.get()
    accounts = [
        ProviderAccount(
            merchant=merchant,
            livemode=False,
            external_account=f"acct_{number}",
            api_key="sk_test_bench",
            created_at=clock.now(),
        )
        for number in range(CONNECTIONS)
    ]
    ProviderAccount.objects.bulk_create(accounts)
    codes = (Code.PENDING, Code.FEES, Code.PAYMENTS)
    LedgerAccount.objects.bulk_create(
        LedgerAccount(account=account, currency=CURRENCY, code=code) for account in accounts for code in codes
    )
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_connection (number int PRIMARY KEY, id uuid NOT NULL)")
        cursor.execute(
            "INSERT INTO bench_connection SELECT row_number() OVER (), id FROM provider_account"
            " WHERE external_account LIKE 'acct\\_%%'"
        )
        for ours, theirs in (("journal_entry", "entry"), ("posting", "posting"), ("ledger_account", "account")):
            cursor.execute(f"CREATE TABLE bench_{theirs} (LIKE {ours} INCLUDING ALL)")
        cursor.execute("INSERT INTO bench_account OVERRIDING SYSTEM VALUE SELECT * FROM ledger_account")
        cursor.execute("ANALYZE")
    return accounts


def post_batches(account: Any, number: int, batches: int) -> float:
    """Entries a second of one process, as the mirror posts them: each batch a transaction, all onto one account."""
    from django.db import transaction

    from billing import clock
    from billing.ledger.chart import Code
    from billing.ledger.models import EntryKind
    from billing.ledger.post import Fact, settle

    lines = ((Code.PENDING, CURRENCY, 1941), (Code.FEES, CURRENCY, 59), (Code.PAYMENTS, CURRENCY, -2000))
    names = [[f"txn_{number}_{batch}_{entry}" for entry in range(BATCH)] for batch in range(batches)]
    began = time.perf_counter()
    for batch in names:
        with transaction.atomic():
            settle(Fact(account.pk, name, EntryKind.BOOKED, clock.now(), lines) for name in batch)
    return BATCH * batches / (time.perf_counter() - began)


def report(
    single: list[float], statements: list[float], limits: list[float], batched: list[float], which: str
) -> Report:
    rate = median(single)
    shares = [ours / limit for ours, limit in zip(single, limits, strict=True)]
    times = [ours / theirs for ours, theirs in zip(single, statements, strict=True)]
    goals = [
        Goal(
            "share of what pgbench commits with as many clients, one row each",
            bound=0.5, ratio=median(shares), value=rate, baseline=median(limits), unit="entries/s",
        ),
        Goal(
            "times posting by single statements",
            bound=2, ratio=median(times), value=rate, baseline=median(statements), unit="entries/s",
        ),
        Goal(
            f"in batches of {BATCH} onto one account",
            bound=15_000, ratio=median(batched), value=median(batched), unit="entries/s",
        ),
    ]  # fmt: skip
    rounds = {"ours": single, "statements": statements, "pgbench": limits, "batched": batched}
    told = {name: [round(value) for value in values] for name, values in rounds.items()}
    return Report("ledger_post", goals, {"pgbench": which, "clients": CLIENTS, "rounds": told})
