"""Entries into the books a second: one each transaction, beside pgbench, beside what their bare rows cost and beside
posting by single statements, and in batches onto one hot account."""

import multiprocessing
import random
import time
from typing import Any

import psycopg2

from benchmarks import installation
from benchmarks.pgbench import Pgbench
from benchmarks.report import Goal, Report
from benchmarks.rounds import median

CLIENTS = 32
ROUNDS = 5
SECONDS = 4
CONNECTIONS = 500
PROCESSES = 8
BATCH, BATCHES = 100, 60
CURRENCY = "EUR"
_BOUNDS = f"\\set who random(1, {CONNECTIONS})\n\\set n random(1, 1000000000000)\n"
_DOOR = """INSERT INTO ledger_facts (accounts, sources, kinds, moments, made_at,
                          line_facts, line_codes, line_currencies, line_amounts)"""
# One sale: what is pending, its fee, and where it came from.
_SALE = "'{1,1,1}', '{processor_pending,fees,payments}', '{EUR,EUR,EUR}', '{1941,59,-2000}'"
# The least that double entry has, which is what others measure.
_TRANSFER = "'{1,1}', '{processor_pending,payments}', '{EUR,EUR}', '{2000,-2000}'"


def ours(lines: str) -> str:
    return f"""{_BOUNDS}
{_DOOR} VALUES (
    ARRAY(SELECT id FROM bench_connection WHERE number = :who), ARRAY['txn_' || :n], '{{booked}}', ARRAY[now()], now(),
    {lines});
"""


# The rows of a transfer and nothing else, by the shortest function: whoever calls it knows its accounts, and nobody
# checks anything. Its tables are ours without triggers and constraints.
BARE_FUNCTION = """
CREATE FUNCTION bench_bare(of_account uuid, told text, debit bigint, credit bigint, moved bigint)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    made bigint;
BEGIN
    INSERT INTO bench_entry (account_id, source, kind, revision, occurred_at, created_at)
    VALUES (of_account, told, 'booked', 1, now(), now()) RETURNING id INTO made;
    UPDATE bench_account SET balance = balance + moved WHERE id = debit;
    UPDATE bench_account SET balance = balance - moved WHERE id = credit;
    INSERT INTO bench_posting (entry_id, ledger_account_id, amount, occurred_at)
    VALUES (made, debit, moved, now()), (made, credit, -moved, now());
    RETURN made;
END $$
"""
BARE = f"{_BOUNDS}SELECT bench_bare(id, 'txn_' || :n, debit, credit, 2000) FROM bench_connection WHERE number = :who;\n"
# The same effect as programs write it: an entry, its accounts locked, its postings, their balances. The tables are the
# same but for their triggers and constraints, so nobody checks that it balances.
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
# The same two ways as a program in Python has them: each text is one round trip.
_BY_PROGRAM = {
    "ours": [
        f"{_DOOR} VALUES (ARRAY[%(account)s]::uuid[], ARRAY[%(source)s], '{{booked}}', ARRAY[now()], now(), {_SALE})"
    ],
    "statements": [
        "BEGIN",
        """INSERT INTO bench_entry (account_id, source, kind, revision, occurred_at, created_at)
           VALUES (%(account)s, %(source)s, 'booked', 1, now(), now()) RETURNING id""",
        """SELECT code, id FROM bench_account WHERE account_id = %(account)s AND currency = 'EUR'
            AND code IN ('processor_pending', 'fees', 'payments') ORDER BY id FOR NO KEY UPDATE""",
        *(
            step
            for code, amount in (("processor_pending", 1941), ("fees", 59), ("payments", -2000))
            for step in (
                f"""INSERT INTO bench_posting (entry_id, ledger_account_id, amount, occurred_at)
                    VALUES (%(entry)s, %({code})s, {amount}, now())""",
                f"UPDATE bench_account SET balance = balance + {amount} WHERE id = %({code})s",
            )
        ),
        "COMMIT",
    ],
}


def measure(rows: int | None = None) -> Report:
    """``rows`` is how many entries a round of batches posts."""
    started = installation.start("ledger_post")
    installation.connect_merchant()
    accounts = open_books()
    owner = started.cluster.owner_url
    pgbench = Pgbench(owner, started.place)
    batches = (rows or BATCH * BATCHES) // BATCH
    rates: dict[str, list[float]] = {}
    for number in range(ROUNDS + 1):
        # The first round only warms up.
        seconds = SECONDS if number else 1
        told = {
            "single": pgbench.rate(ours(_SALE), clients=CLIENTS, seconds=seconds),
            "transfer": pgbench.rate(ours(_TRANSFER), clients=CLIENTS, seconds=seconds),
            "bare_transfer": pgbench.rate(BARE, clients=CLIENTS, seconds=seconds),
            "single_by_statements": pgbench.rate(STATEMENTS, clients=CLIENTS, seconds=seconds),
            "pgbench": pgbench.rate(clients=CLIENTS, seconds=seconds),
            "program": by_programs("ours", started.cluster.url, accounts, seconds),
            "program_by_statements": by_programs("statements", owner, accounts, seconds),
            "batched": post_batches(accounts[0], number, batches),
        }
        for name, rate in told.items() if number else ():
            rates.setdefault(name, []).append(rate)
    return report(rates, pgbench.which)


def open_books() -> list[Any]:
    """Connections with their accounts open, and the tables of the baseline."""
    from django.db import connection

    from billing import clock
    from billing.ledger.chart import Code
    from billing.ledger.models import LedgerAccount
    from billing.merchants.models import Merchant
    from billing.providers.models import ProviderAccount
    from portal.database import as_owner

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
    with as_owner(), connection.cursor() as cursor:
        LedgerAccount.objects.bulk_create(
            LedgerAccount(account=account, currency=CURRENCY, code=code) for account in accounts for code in codes
        )
        cursor.execute(
            "CREATE TABLE bench_connection (number int PRIMARY KEY, id uuid NOT NULL, debit bigint, credit bigint)"
        )
        cursor.execute(
            "INSERT INTO bench_connection SELECT row_number() OVER (), provider_account.id, debit.id, credit.id"
            " FROM provider_account, ledger_account AS debit, ledger_account AS credit"
            " WHERE external_account LIKE 'acct\\_%%' AND debit.account_id = provider_account.id"
            " AND credit.account_id = provider_account.id AND (debit.code, credit.code) = (%s, %s)",
            [Code.PENDING, Code.PAYMENTS],
        )
        for table, name in (("journal_entry", "entry"), ("posting", "posting"), ("ledger_account", "account")):
            cursor.execute(f"CREATE TABLE bench_{name} (LIKE {table} INCLUDING ALL EXCLUDING CONSTRAINTS)")
        cursor.execute("INSERT INTO bench_account OVERRIDING SYSTEM VALUE SELECT * FROM ledger_account")
        cursor.execute(BARE_FUNCTION)
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


def by_programs(way: str, url: str, accounts: list[Any], seconds: float) -> float:
    """Entries a second of some processes in Python, one connection each."""
    context = multiprocessing.get_context("spawn")
    ids = [str(account.pk) for account in accounts]
    with context.Pool(PROCESSES) as pool:
        return sum(pool.starmap(post_alone, [(way, url, ids, seconds, number) for number in range(PROCESSES)]))


def post_alone(way: str, url: str, accounts: list[str], seconds: float, number: int) -> float:
    """Entries a second of one connection."""
    chance, posted = random.Random(f"{number} {time.time_ns()}"), 0
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        ends = time.perf_counter() + seconds
        while time.perf_counter() < ends:
            given: dict[str, Any] = {"account": chance.choice(accounts), "source": f"txn_{chance.getrandbits(63)}"}
            for text in _BY_PROGRAM[way]:
                cursor.execute(text, given)
                if "RETURNING" in text:
                    given["entry"] = cursor.fetchone()[0]
                elif text.startswith("SELECT code"):
                    given |= dict(cursor.fetchall())
            posted += 1
    connection.close()
    return posted / seconds


def report(rates: dict[str, list[float]], which: str) -> Report:
    goals = [
        goal("share of what pgbench commits with as many clients, one row each", rates, "single", "pgbench", 0.5),
        goal("the same, of a transfer between two accounts", rates, "transfer", "pgbench", 0.5),
        goal("share of what the bare rows of a transfer cost", rates, "transfer", "bare_transfer", 0.5),
        goal(
            f"times posting by single statements, {PROCESSES} programs in Python",
            *(rates, "program", "program_by_statements", 2),
        ),
        Goal(
            f"in batches of {BATCH} onto one account",
            bound=15_000, ratio=median(rates["batched"]), value=median(rates["batched"]), unit="entries/s",
        ),
    ]  # fmt: skip
    told = {name: [round(value) for value in values] for name, values in rates.items()}
    return Report("ledger_post", goals, {"pgbench": which, "clients": CLIENTS, "rounds": told})


def goal(text: str, rates: dict[str, list[float]], ours: str, theirs: str, bound: float) -> Goal:
    ratio = median([here / there for here, there in zip(rates[ours], rates[theirs], strict=True)])
    value, baseline = median(rates[ours]), median(rates[theirs])
    return Goal(text, bound=bound, ratio=ratio, value=value, baseline=baseline, unit="entries/s")
