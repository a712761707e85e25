"""Money goes to connected accounts, and comes back."""

import pytest

from tests.simulator.money.ledger import available, booked
from tests.simulator.worlds import Answer, World


def account(world: World) -> str:
    return world.post("/v1/accounts")["id"]


def balance(world: World, name: str) -> int:
    return world.get("/v1/balance", headers={"stripe-account": name})["available"][0]["amount"]


def sent(world: World, name: str, amount: int = 600) -> Answer:
    return world.post("/v1/transfers", destination=name, amount=amount, currency="eur", transfer_group="week 2")


def test_a_transfer_moves_money(world: World) -> None:
    name = account(world)
    booked(world)
    transfer = sent(world, name)
    assert (available(world), balance(world, name)) == (400, 600)
    payment = world.get(f"/v1/charges/{transfer['destination_payment']}", headers={"stripe-account": name})
    assert (payment["amount"], payment["source_transfer"]) == (600, transfer["id"])
    txn = world.get(f"/v1/balance_transactions/{transfer['balance_transaction']}")
    assert (txn["type"], txn["net"], txn["reporting_category"]) == ("transfer", -600, "transfer")
    assert world.get("/v1/transfers", destination=name, transfer_group="week 2")["data"] == [transfer.body]
    assert world.types()[-1] == "transfer.created"


def test_a_transfer_is_taken_back_in_parts(world: World) -> None:
    name = account(world)
    booked(world)
    transfer = sent(world, name)["id"]
    reversal = world.post(f"/v1/transfers/{transfer}/reversals", amount=100)
    assert (available(world), balance(world, name)) == (500, 500)
    shown = world.get(f"/v1/transfers/{transfer}")
    assert (shown["amount_reversed"], shown["reversed"], shown["reversals"]["data"]) == (100, False, [reversal.body])
    refund = world.get(f"/v1/refunds/{reversal['destination_payment_refund']}", headers={"stripe-account": name})
    assert (refund["amount"], refund["source_transfer_reversal"]) == (100, reversal["id"])
    assert world.post(f"/v1/transfers/{transfer}/reversals", amount=501).error["param"] == "amount"
    world.post(f"/v1/transfers/{transfer}/reversals")
    assert world.get(f"/v1/transfers/{transfer}")["reversed"] is True
    assert world.types()[-1] == "transfer.reversed"
    path = f"/v1/transfers/{transfer}/reversals"
    assert [doc["amount"] for doc in world.get(path)["data"]] == [500, 100]
    assert world.post(f"{path}/{reversal['id']}", metadata={"why": "late"})["metadata"] == {"why": "late"}
    assert world.get(f"{path}/trr_none").status == 404


@pytest.mark.parametrize(("amount", "code"), [(1001, "balance_insufficient"), (0, "parameter_invalid_integer")])
def test_a_transfer_of_what_is_not_there_is_refused(world: World, amount: int, code: str) -> None:
    name = account(world)
    booked(world)
    assert sent(world, name, amount).error["code"] == code
    assert available(world) == 1000


def test_only_connected_accounts_that_may_receive_do(world: World) -> None:
    booked(world)
    assert sent(world, "acct_nobody").error["param"] == "destination"
    idle = world.post("/v1/accounts", type="custom")["id"]
    assert sent(world, idle).error["code"] == "insufficient_capabilities_for_transfer"


def test_a_transfer_of_a_charge_waits_for_its_money(world: World) -> None:
    name = account(world)
    intent = world.post("/v1/payment_intents", amount=2000, currency="eur", payment_method="pm_card_visa", confirm=True)
    charge = intent["latest_charge"]
    fields = {"destination": name, "amount": 1500, "currency": "eur", "source_transaction": charge}
    transfer = world.post("/v1/transfers", **fields)
    assert world.post("/v1/transfers", **fields).error["param"] == "amount"
    assert world.get("/v1/balance", headers={"stripe-account": name})["pending"][0]["amount"] == 1500
    assert transfer["source_transaction"] == charge
    world.advance(39 * 3600)
    assert balance(world, name) == 1500
