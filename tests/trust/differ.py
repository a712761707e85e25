"""Holds every mirrored row against the processor's own object, field by field.

``python -m tests.trust.differ --base http://127.0.0.1:12111 --key sk_test_… --database-url … --connection con_…``
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import psycopg2

from tests.trust import stripe_ledger, stripe_payments, stripe_rows
from tests.trust.stripe_lists import Account, Books, read_books
from tests.trust.stripe_rows import Values, id_of

# Which row is whose, and which snapshot it shows: nothing that the processor knows.
OURS = {"id", "public_id", "merchant_id", "account_id", "external_id", "updated_at"}
OURS |= {"is_final", "provider_updated_at", "state_rank", "order_event", "source_event_id"}
# Of a deleted one a little can still be had.
_LEAVING_STUBS = {"customer", "invoice"}
Expect = Callable[[Books, Any], Values]


@dataclass(frozen=True)
class Table:
    """``name`` in the database, and what its rows must say of objects of ``kind``."""

    name: str
    kind: str
    expect: Expect


TABLES = (
    Table("customer", "customer", stripe_rows.customer),
    Table("payment_method", "payment_method", stripe_rows.payment_method),
    Table("payment", "payment", stripe_payments.payment),
    Table("payment_attempt", "charge", stripe_payments.attempt),
    Table("refund", "refund", stripe_rows.refund),
    Table("dispute", "dispute", stripe_rows.dispute),
    Table("early_warning", "warning", stripe_rows.warning),
    Table("review", "review", stripe_rows.review),
    Table("payout", "payout", stripe_rows.payout),
    Table("balance_transaction", "balance_transaction", stripe_rows.balance_transaction),
    Table("provider_invoice", "invoice", stripe_rows.invoice),
)


@dataclass(frozen=True, order=True)
class Difference:
    """``column`` is empty where the whole row is missing on one side."""

    table: str
    object_id: str
    column: str
    ours: str
    theirs: str

    def __str__(self) -> str:
        where = f"{self.table} {self.object_id}{'.' if self.column else ''}{self.column}"
        return f"{where}: here {self.ours}, there {self.theirs}"


@dataclass(frozen=True)
class Mirror:
    """Our rows of one connection, by table and external id; ``widths`` are how much each column of text can hold."""

    rows: dict[str, dict[str, Values]]
    widths: dict[str, dict[str, int]]

    @cached_property
    def payments(self) -> dict[int, str]:
        """External ids of payments by our own."""
        return {row["id"]: external_id for external_id, row in self.rows["payment"].items()}


def compare(cursor: Any, account_id: str, books: Books, *, livemode: bool = False) -> list[Difference]:
    """Everything in which the two sides differ. ``books`` are those of ``account_id``, read while nothing moved."""
    mirror = read_mirror(cursor, account_id)
    found = []
    for table in TABLES:
        found += differences(table, mirror, books, livemode=livemode)
    return sorted([*found, *of_ledger(cursor, account_id, books)])


def of_ledger(cursor: Any, account_id: str, books: Books) -> Iterator[Difference]:
    """Of each account of the books."""
    ours = stripe_ledger.held(cursor, account_id)
    theirs = stripe_ledger.expected(books.of("balance_transaction").values(), books.of("payout").values())
    for code, currency in sorted(ours.keys() | theirs.keys()):
        here, there = ours[code, currency], theirs[code, currency]
        if here != there:
            yield Difference("ledger_account", code, currency, str(here), str(there))


def count(books: Books) -> int:
    """How many objects there are to compare with."""
    return sum(len(found) for found in books.objects.values())


def read_mirror(cursor: Any, account_id: str, tables: Sequence[Table] = TABLES) -> Mirror:
    rows, widths = {}, {}
    for table in tables:
        cursor.execute(f"SELECT * FROM {table.name} WHERE account_id = %s", [account_id])
        names = [column.name for column in cursor.description]
        found = [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]
        rows[table.name] = {row["external_id"]: row for row in found}
        cursor.execute(
            """SELECT column_name, coalesce(character_maximum_length, 1000000)
                 FROM information_schema.columns WHERE table_name = %s AND table_schema = 'public'""",
            [table.name],
        )
        widths[table.name] = dict(cursor.fetchall())
    return Mirror(rows, widths)


def differences(table: Table, mirror: Mirror, books: Books, *, livemode: bool) -> list[Difference]:
    """Of one table."""
    there: Mapping[str, Any] = stripe_payments.gather(books) if table.kind == "payment" else books.of(table.kind)
    here = mirror.rows[table.name]
    missing = (object_id for object_id in there.keys() - here.keys() if must_be_here(table.kind, there[object_id]))
    found = [Difference(table.name, object_id, "", "nothing", "an object") for object_id in missing]
    for object_id, row in here.items():
        source = there.get(object_id)
        if source is None and table.kind in _LEAVING_STUBS:
            source = books.left_of(table.kind, object_id)
        if source is None:
            found.append(Difference(table.name, object_id, "", "a row", "nothing"))
        else:
            # What holds of every kind: its mode, and that the processor still knows it.
            always = {"livemode": livemode, "unconfirmed_since": None}
            expected = {name: value for name, value in always.items() if name in row} | table.expect(books, source)
            found += _of_row(table, mirror, row, expected)
    return found


def _of_row(table: Table, mirror: Mirror, row: Values, expected: Values) -> Iterator[Difference]:
    # Of an object that is deleted the processor has forgotten the rest: nobody can say what is right.
    forgotten = table.kind in _LEAVING_STUBS and expected["deleted"]
    for column in sorted(expected.keys() | (set() if forgotten else row.keys() - OURS)):
        ours = _ours(row, column, mirror.payments)
        theirs = _fitting(expected.get(column, "unknown"), mirror.widths[table.name].get(column))
        if column not in expected or ours != theirs:
            yield Difference(table.name, row["external_id"], column, repr(ours), repr(theirs))


def must_be_here(kind: str, source: Any) -> bool:
    """Whether somebody told us of the object, or would have."""
    if kind == "payment_method":
        # One that is nobody's is kept for no later payment, and no event tells of it.
        return bool(id_of(source["customer"]))
    if kind == "refund":
        # Of a customer's cash balance: it belongs to no payment.
        return bool(id_of(source["charge"]) or id_of(source["payment_intent"]))
    return True


def _ours(row: Values, column: str, homes: Mapping[int, str]) -> Any:
    value = row.get(column)
    if column == "payment_id":
        return homes.get(value) if isinstance(value, int) else None
    if isinstance(value, datetime):
        return value.timestamp() if value.microsecond else int(value.timestamp())
    if column == "intent" and isinstance(value, dict) and "created_at" in value:
        return {**value, "created_at": int(datetime.fromisoformat(value["created_at"]).timestamp())}
    return value


def _fitting(value: Any, width: int | None) -> Any:
    return value[:width] if isinstance(value, str) and width else value


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.trust.differ")
    parser.add_argument("--base", required=True, help="where the processor's API answers")
    parser.add_argument("--key", required=True, help="the secret key of the account")
    parser.add_argument("--database-url", required=True)
    parser.add_argument("--connection", required=True, help="public id of our connection to that account")
    typed = parser.parse_args()
    books = read_books(Account(typed.base, typed.key))
    connection = psycopg2.connect(typed.database_url)
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, livemode FROM provider_account WHERE public_id = %s", [typed.connection])
        account_id, livemode = cursor.fetchone()
        found = compare(cursor, account_id, books, livemode=livemode)
    connection.close()
    for each in found:
        print(each)
    print(len(found))
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
