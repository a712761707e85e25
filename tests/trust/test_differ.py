"""The comparison with the processor's objects sees every wrong column of every table, and nothing else."""

import random
from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest

from tests.trust.conftest import Keeper
from tests.trust.differ import OURS, TABLES, Table, differences, of_ledger, read_mirror
from tests.trust.processor import DAY, Processor, open_processor
from tests.trust.stripe_lists import Books
from tests.trust.troubles import Troubles

# What a column may be changed to, by its type: never what it says already.
WRONG = {
    "boolean": "NOT {0}",
    "bigint": "coalesce({0}, 0) + 1",
    "integer": "coalesce({0}, 0) + 1",
    "smallint": "coalesce({0}, 0) + 1",
    "numeric": "coalesce({0}, 0) + 1",
    "timestamp with time zone": "coalesce({0}, now()) + interval '1 second'",
    "jsonb": """'{{"wrong": true}}'""",
    "character varying": "'¿'",
    "text": "'¿'",
}
PAYMENTS = TABLES[2]


@pytest.fixture(scope="module")
def busy(installations: Keeper) -> Iterator[tuple[Processor, Books]]:
    """An account with something of every kind, read as a whole."""
    site = installations.site()
    processor = open_processor(site, seed=7)
    processor.write_history(days=10, payments=60)
    troubles = Troubles(processor, random.Random(7))
    for act in (troubles.meet_customer, troubles.warn, troubles.open_review):
        act()
    processor.act("/disputes", charge=processor.pay(7_000)["latest_charge"], reason="fraudulent")
    processor.call("POST", "/v1/refunds", payment_intent=processor.pay(9_000)["id"], amount=500)
    customer = troubles.one_of("/v1/customers")["id"]
    processor.call("POST", "/v1/invoices", customer=customer, auto_advance=False)
    processor.door.clock(advance=3 * DAY)
    processor.follow()
    assert processor.read("backfill", within=60)["end"] == "complete"
    yield processor, processor.books()
    site.restore()


@pytest.fixture
def cursor(busy: tuple[Processor, Books]) -> Iterator[Any]:
    """In a transaction that leaves nothing behind."""
    connection = psycopg2.connect(busy[0].site.cluster.owner_url)
    with connection.cursor() as cursor:
        yield cursor
    connection.close()


def seen(cursor: Any, busy: tuple[Processor, Books], table: Table) -> list[tuple[str, str]]:
    """(object, column) of every difference of a table."""
    mirror = read_mirror(cursor, busy[0].shop.account_id, (PAYMENTS, table))
    return sorted((each.object_id, each.column) for each in differences(table, mirror, busy[1], livemode=False))


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_wrong_column_is_seen(table: Table, busy: tuple[Processor, Books], cursor: Any):
    assert seen(cursor, busy, table) == []
    types = columns(cursor, table)
    row_id, external_id = one_row(cursor, busy, table)
    for column, type_ in types.items():
        cursor.execute("SAVEPOINT before")
        wrong = WRONG[type_] if column != "payment_id" else "(SELECT min(id) FROM payment WHERE id <> payment_id)"
        cursor.execute(f"UPDATE {table.name} SET {column} = {wrong.format(column)} WHERE id = %s", [row_id])
        assert seen(cursor, busy, table) == [(external_id, column)]
        cursor.execute("ROLLBACK TO before")


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_row_of_no_object_and_an_object_without_a_row_are_seen(
    table: Table, busy: tuple[Processor, Books], cursor: Any
):
    row_id, external_id = one_row(cursor, busy, table)
    cursor.execute(f"UPDATE {table.name} SET external_id = 'nothing_there' WHERE id = %s", [row_id])
    assert seen(cursor, busy, table) == sorted([(external_id, ""), ("nothing_there", "")])


def test_no_column_is_left_out(busy: tuple[Processor, Books], cursor: Any):
    """Only what is ours alone: which row is whose, and which snapshot it shows."""
    mirror = read_mirror(cursor, busy[0].shop.account_id)
    assert {table.name for table in TABLES} == {name for name, rows in mirror.rows.items() if rows}
    assert {"status", "amount", "currency", "created_at", "payment_id", "metadata", "livemode"}.isdisjoint(OURS)


def columns(cursor: Any, table: Table) -> dict[str, str]:
    described = "SELECT column_name, data_type FROM information_schema.columns"
    cursor.execute(f"{described} WHERE table_schema = 'public' AND table_name = %s", [table.name])
    return {name: type_ for name, type_ in cursor.fetchall() if name not in OURS}


def one_row(cursor: Any, busy: tuple[Processor, Books], table: Table) -> tuple[int, str]:
    """One whose object somebody would miss."""
    owned = "AND customer_id <> ''" if table.name == "payment_method" else ""
    cursor.execute(
        f"SELECT id, external_id FROM {table.name} WHERE account_id = %s {owned} ORDER BY id DESC LIMIT 1",
        [busy[0].shop.account_id],
    )
    found: tuple[int, str] = cursor.fetchone()
    return found


@pytest.mark.parametrize(
    "cooked",
    [
        "UPDATE posting SET amount = amount + 1 WHERE id = (SELECT min(id) FROM posting WHERE ledger_account_id = {0})",
        "UPDATE ledger_account SET balance = balance - 1 WHERE id = {0}",
    ],
)
def test_books_that_say_something_else_are_seen(cursor: Any, busy: tuple[Processor, Books], cooked: str) -> None:
    processor, books = busy
    account = processor.shop.account_id
    assert not list(of_ledger(cursor, account, books))
    for table in ("posting", "ledger_account"):
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    cursor.execute("SELECT id, code FROM ledger_account WHERE account_id = %s AND balance <> 0", [account])
    places = cursor.fetchall()
    assert len(places) > 4
    for place, _ in places:
        cursor.execute(cooked.format(place))
    assert {code for _, code in places} <= {each.object_id.split(" ")[0] for each in of_ledger(cursor, account, books)}
