"""Charges of connected accounts, and charges whose money goes to them."""

from typing import Any

from tests.simulator.worlds import World

ORDER: dict[str, Any] = {"amount": 1000, "currency": "eur", "confirm": True, "payment_method": "pm_card_bypassPending"}


def held(world: World, name: str | None = None) -> int:
    headers = {"stripe-account": name} if name else None
    return int(world.get("/v1/balance", headers=headers)["available"][0]["amount"])


def test_a_direct_charge_pays_its_fee_to_the_platform(world: World) -> None:
    name = world.post("/v1/accounts")["id"]
    inside = {"stripe-account": name}
    intent = world.post("/v1/payment_intents", **ORDER, application_fee_amount=100, headers=inside)
    charge = world.get(f"/v1/charges/{intent['latest_charge']}", headers=inside, expand=["balance_transaction"])
    parts = [(part["type"], part["amount"]) for part in charge["balance_transaction"]["fee_details"]]
    assert parts == [("stripe_fee", 58), ("application_fee", 100)]
    assert (held(world, name), held(world)) == (842, 100)
    assert world.get("/v1/application_fees")["data"][0]["id"] == charge["application_fee"]


def test_a_direct_refund_may_return_the_fee(world: World) -> None:
    name = world.post("/v1/accounts")["id"]
    inside = {"stripe-account": name}
    charge = world.post("/v1/payment_intents", **ORDER, application_fee_amount=100, headers=inside)["latest_charge"]
    world.post("/v1/refunds", charge=charge, amount=500, refund_application_fee=True, headers=inside)
    assert (held(world, name), held(world)) == (842 - 500 + 50, 50)


def test_a_destination_charge_is_handed_on_and_taken_back(world: World) -> None:
    name = world.post("/v1/accounts")["id"]
    world.post("/v1/payment_intents", **ORDER)
    before = held(world)
    intent = world.post("/v1/payment_intents", **ORDER, transfer_data={"destination": name}, application_fee_amount=200)
    assert (held(world, name), held(world)) == (800, before + 942 - 1000 + 200)
    charge = world.get(f"/v1/charges/{intent['latest_charge']}", expand=["transfer"])
    assert charge["transfer"]["destination"] == name
    refund = world.post(
        "/v1/refunds", charge=charge["id"], amount=500, reverse_transfer=True, refund_application_fee=True
    )
    assert refund["transfer_reversal"].startswith("trr_")
    assert held(world, name) == 800 - 500 + 100


def test_what_nobody_would_share_is_refused(world: World) -> None:
    alone = world.post("/v1/payment_intents", **ORDER, application_fee_amount=100)
    assert alone.error["param"] == "application_fee_amount"
    nowhere = world.post("/v1/payment_intents", **ORDER, transfer_data={"destination": "acct_none"})
    assert (nowhere.status, nowhere.error["code"]) == (400, "resource_missing")
    charge = world.post("/v1/payment_intents", **ORDER)["latest_charge"]
    assert (
        world.post("/v1/refunds", charge=charge, amount=10, reverse_transfer=True).error["param"] == "reverse_transfer"
    )
    kept = world.post("/v1/refunds", charge=charge, amount=10, refund_application_fee=True)
    assert kept.error["param"] == "refund_application_fee"
    assert world.get("/v1/refunds")["data"] == []
