"""What a platform keeps of its accounts' payments."""

from simulator.money.transfers import transfer
from simulator.store import Doc
from tests.simulator.money.ledger import booked
from tests.simulator.worlds import ACCOUNT, World


def taken(world: World) -> tuple[str, Doc]:
    """An account that got 10.00 of which 1.00 went back as a fee."""
    name = world.post("/v1/accounts")["id"]
    booked(world)
    with world.engine.transaction():
        transfer(world.engine.call(ACCOUNT), name, amount=1000, currency="eur", fee=100)
    [fee] = world.get("/v1/application_fees")["data"]
    return name, fee


def balance(world: World, name: str) -> int:
    return world.get("/v1/balance", headers={"stripe-account": name})["available"][0]["amount"]


def test_a_fee_moves_from_the_account_to_the_platform(world: World) -> None:
    name, fee = taken(world)
    assert (balance(world, name), balance(world, ACCOUNT)) == (900, 100)
    assert (fee["account"], fee["amount"], fee["fee_source"]["type"]) == (name, 100, "charge")
    txn = world.get(f"/v1/balance_transactions/{fee['balance_transaction']}")
    assert (txn["type"], txn["reporting_category"], txn["source"]) == ("application_fee", "platform_earning", fee["id"])
    assert "application_fee.created" in world.types()
    assert world.get("/v1/application_fees", charge=fee["charge"])["data"] == [fee]


def test_a_fee_is_given_back_in_parts(world: World) -> None:
    name, fee = taken(world)
    path = f"/v1/application_fees/{fee['id']}"
    first = world.post(f"{path}/refunds", amount=30)
    assert (balance(world, name), balance(world, ACCOUNT)) == (930, 70)
    assert world.post(f"{path}/refunds", amount=71).error["param"] == "amount"
    world.post(f"{path}/refunds")
    shown = world.get(path)
    assert (shown["amount_refunded"], shown["refunded"], len(shown["refunds"]["data"])) == (100, True, 2)
    world.post(f"{path}/refunds/{first['id']}", metadata={"why": "late"})
    assert world.get(f"{path}/refunds/{first['id']}")["metadata"] == {"why": "late"}
    assert [doc["amount"] for doc in world.get(f"{path}/refunds")["data"]] == [70, 30]
    assert world.get("/v1/application_fees/fee_none/refunds").status == 404
    told = [name for name in world.types() if name.startswith("application_fee.")]
    assert told[1:] == ["application_fee.refunded"] * 2 + ["application_fee.refund.updated"]
