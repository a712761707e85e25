"""A small run of kills with a seed that stays, and what would show if books did not agree."""

import json
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from simulator.engine import Engine
from tests.simulator.agreement import disagreements
from tests.simulator.kills import SMALL, Command, ask_once, run
from tests.simulator.processes import Simulator
from tests.simulator.worlds import World

PAYMENT = {"amount": 2000, "currency": "eur", "confirm": True, "payment_method": "pm_card_bypassPending"}


def test_whatever_is_killed_the_books_agree() -> None:
    assert list(run(seed=20_261_120, **SMALL)) == []


def test_fifty_equal_payments_at_once_are_one(simulator: Simulator) -> None:
    together = threading.Barrier(50)
    key = "sk_test_fifty_payments"
    command = Command("fifty-payments", "/v1/payment_intents", PAYMENT)

    def pay(_: int) -> tuple[int, str]:
        together.wait()
        while (answer := ask_once(simulator.url, command, key)).status == 409:
            pass
        return answer.status, json.loads(answer.body)["id"]

    with ThreadPoolExecutor(50) as threads:
        answers = set(threads.map(pay, range(50)))
    client = simulator.client(key)
    [intent] = client.v1.payment_intents.list().data
    assert answers == {(200, intent.id)}
    assert len(client.v1.balance_transactions.list().data) == len(client.v1.charges.list().data) == 1
    [line] = [line for line in simulator.control("GET", "/journal") if line["idempotency_key"] == command.key]
    assert intent.id in {effect["id"] for effect in line["effect"]}


@pytest.fixture
def books(tmp_path: Path) -> Path:
    """A payment, a part of it refunded, in a world that was closed."""
    world = World(Engine(tmp_path))
    intent = world.post("/v1/payment_intents", once="order-1", **PAYMENT, payment_method_types=["card"])
    world.post("/v1/refunds", once="refund-1", charge=intent["latest_charge"], amount=500)
    world.engine.close()
    return tmp_path


def test_books_that_agree_are_left_alone(books: Path) -> None:
    assert disagreements(books) == []


def forget_a_line(db: sqlite3.Connection) -> None:
    db.execute("delete from journal where seq = 2")


def double_a_line(db: sqlite3.Connection) -> None:
    db.execute("insert into journal (line) select line from journal where seq = 2")


def lose_a_booking(db: sqlite3.Connection) -> None:
    db.execute("delete from object where kind = 'balance_transaction' and json_extract(body, '$.type') = 'refund'")


def change_an_amount(db: sqlite3.Connection) -> None:
    db.execute("update object set body = json_set(body, '$.amount_refunded', 400) where kind = 'charge'")


def move_a_balance(db: sqlite3.Connection) -> None:
    db.execute("update fund set available = available + 1")


def forget_an_answer(db: sqlite3.Connection) -> None:
    db.execute("update idempotency set request = 'req_other' where key = 'refund-1'")


def tell_twice(db: sqlite3.Connection) -> None:
    db.execute(
        "insert into object (account, kind, id, created, body) select account, kind, id || 'x', created, body"
        " from object where kind = 'event' and json_extract(body, '$.type') = 'refund.created'"
    )


@pytest.mark.parametrize(
    "harm",
    [forget_a_line, double_a_line, lose_a_booking, change_an_amount, move_a_balance, forget_an_answer, tell_twice],
)
def test_books_that_do_not_agree_are_noticed(books: Path, harm: Callable[[sqlite3.Connection], None]) -> None:
    with closing(sqlite3.connect(books / "simulator.sqlite3")) as db, db:
        harm(db)
    assert disagreements(books) != []
