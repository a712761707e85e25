"""What is taken in one currency settles in another, if the account does so."""

import pytest

from simulator.control import books
from tests.simulator.control.acting import done
from tests.simulator.money.ledger import booked
from tests.simulator.risk.charges import paid
from tests.simulator.risk.claims import disputed, moved
from tests.simulator.worlds import World

RATES = {"usd": "0.9137", "jpy": "0.0061"}


def settling(world: World, **rates: str) -> None:
    done(world, books.settle_in, currency="eur", rates=rates or RATES)


def test_amount_and_fees_are_converted_and_say_at_which_rate(world: World) -> None:
    settling(world)
    doc = booked(world, amount=1000, currency="usd", fees=[("stripe_fee", 60, "Stripe processing fees")])
    assert (doc["currency"], doc["amount"], doc["fee"], doc["net"]) == ("eur", 914, 55, 859)
    assert doc["exchange_rate"] == 0.9137
    assert [part["currency"] for part in doc["fee_details"]] == ["eur"]
    assert {line["currency"]: line["amount"] for line in world.get("/v1/balance")["available"]} == {"eur": 859}


@pytest.mark.parametrize(("amount", "settled"), [(1000, 610), (-1000, -610), (1, 1)])
def test_currencies_without_decimals_are_converted_as_money_and_not_as_numbers(
    world: World, amount: int, settled: int
) -> None:
    settling(world)
    assert booked(world, amount=amount, currency="jpy")["amount"] == settled


def test_currencies_without_a_rate_stay_what_they_are(world: World) -> None:
    settling(world)
    doc = booked(world, amount=1000, currency="gbp")
    assert (doc["currency"], doc["amount"], doc["exchange_rate"]) == ("gbp", 1000, None)


def test_a_dispute_in_dollars_takes_and_returns_the_same_euros(world: World) -> None:
    settling(world)
    dispute = disputed(world, paid(world, currency="usd"))
    [taken] = dispute["balance_transactions"]
    assert (taken["currency"], taken["amount"]) == ("eur", -9137)
    won = moved(world, dispute, "won")
    assert [txn["amount"] for txn in won["balance_transactions"]] == [-9137, 9137]


def test_a_refund_needs_the_money_where_it_settles(world: World) -> None:
    settling(world)
    charge = world.post("/v1/charges", amount=10_000, currency="usd", source="tok_bypassPending")
    refund = world.post("/v1/refunds", charge=charge["id"], amount=4_000)
    assert refund["status"] == "succeeded"
    movement = world.get(f"/v1/balance_transactions/{refund['balance_transaction']}")
    assert (movement["currency"], movement["amount"]) == ("eur", -3655)
