"""Prices and the plans that they are to older callers."""

from tests.simulator.worlds import World


def shirt(world: World) -> str:
    return world.post("/v1/products", name="Shirt")["id"]


def test_a_recurring_price_is_a_plan_too(world: World) -> None:
    price = world.post(
        "/v1/prices", product=shirt(world), unit_amount=1500, currency="EUR", recurring={"interval": "month"}
    )
    plan = world.get(f"/v1/plans/{price['id']}")
    assert (plan["amount"], plan["currency"], plan["interval"], plan["interval_count"]) == (1500, "eur", "month", 1)
    assert world.types()[1:] == ["price.created", "plan.created"]


def test_a_price_that_is_paid_once_is_no_plan(world: World) -> None:
    price = world.post("/v1/prices", product=shirt(world), unit_amount=1500, currency="eur")
    assert (price["type"], price["recurring"]) == ("one_time", None)
    assert world.get(f"/v1/plans/{price['id']}").error["code"] == "resource_missing"
    assert world.get("/v1/plans")["data"] == []


def test_a_plan_brings_its_product(world: World) -> None:
    plan = world.post("/v1/plans", amount=2000, currency="usd", interval="month", product={"name": "Gold"}, id="gold")
    assert world.get(f"/v1/products/{plan['product']}")["name"] == "Gold"
    changed = world.post("/v1/plans/gold", metadata={"a": "b"})
    assert changed["metadata"] == {"a": "b"}
    assert world.events()[-1]["data"]["previous_attributes"] == {"metadata": {"a": None}}
    assert world.delete("/v1/plans/gold").body == {"id": "gold", "object": "plan", "deleted": True}
    assert world.types()[-3:] == ["plan.updated", "price.deleted", "plan.deleted"]


def test_a_product_brings_its_default_price(world: World) -> None:
    data = {"currency": "usd", "unit_amount": 900}
    product = world.post("/v1/products", name="Shirt", default_price_data=data)
    price = world.get(f"/v1/prices/{product['default_price']}")
    assert (price["product"], price["unit_amount"], price["unit_amount_decimal"]) == (product["id"], 900, "900")


def test_fractions_of_a_unit_are_kept_exactly(world: World) -> None:
    price = world.post("/v1/prices", product=shirt(world), unit_amount_decimal="0.05", currency="usd")
    assert (price["unit_amount"], price["unit_amount_decimal"]) == (None, "0.05")


def test_a_price_needs_one_amount_and_a_product(world: World) -> None:
    product = shirt(world)
    assert world.post("/v1/prices", currency="usd", unit_amount=1).error["param"] == "product"
    assert world.post("/v1/prices", currency="usd", product=product).error["param"] == "unit_amount"
    two = world.post("/v1/prices", currency="usd", product=product, unit_amount=1, unit_amount_decimal="1")
    assert two.error["param"] == "unit_amount_decimal"
    other = world.post("/v1/prices", currency="usd", product="prod_none", unit_amount=1)
    assert (other.error["code"], other.error["param"]) == ("resource_missing", "product")


def test_a_lookup_key_moves_when_told(world: World) -> None:
    product = shirt(world)
    first = world.post("/v1/prices", product=product, unit_amount=1, currency="usd", lookup_key="basic")["id"]
    taken = world.post("/v1/prices", product=product, unit_amount=2, currency="usd", lookup_key="basic")
    assert taken.error["param"] == "lookup_key"
    second = world.post(
        "/v1/prices", product=product, unit_amount=2, currency="usd", lookup_key="basic", transfer_lookup_key=True
    )["id"]
    assert [price["id"] for price in world.get("/v1/prices", lookup_keys=["basic"])["data"]] == [second]
    assert world.get(f"/v1/prices/{first}")["lookup_key"] is None


def test_prices_are_found_by_their_interval(world: World) -> None:
    product = shirt(world)
    made = {
        interval: world.post(
            "/v1/prices", product=product, unit_amount=1, currency="usd", recurring={"interval": interval}
        )["id"]
        for interval in ("month", "year")
    }
    found = world.get("/v1/prices", recurring={"interval": "year"}, product=product)["data"]
    assert [price["id"] for price in found] == [made["year"]]
