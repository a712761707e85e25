"""Coupons, promotion codes and the discounts that customers have of them."""

from tests.simulator.worlds import World


def test_a_coupon_takes_a_percentage_or_an_amount(world: World) -> None:
    assert world.post("/v1/coupons", percent_off="12.5")["percent_off"] == 12.5
    assert world.post("/v1/coupons", amount_off=500, currency="eur")["currency"] == "eur"
    assert world.post("/v1/coupons", percent_off=10, amount_off=5, currency="eur").error["param"] == "percent_off"
    assert world.post("/v1/coupons", amount_off=500).error["param"] == "currency"
    assert world.post("/v1/coupons", percent_off=101).error["param"] == "percent_off"


def test_a_coupon_is_named_once_and_deleted(world: World) -> None:
    world.post("/v1/coupons", id="FALL", percent_off=10)
    assert world.post("/v1/coupons", id="FALL", percent_off=10).error["code"] == "resource_already_exists"
    assert world.delete("/v1/coupons/FALL")["deleted"]
    assert world.types() == ["coupon.created", "coupon.deleted"]


def test_a_coupon_expires_by_time_and_by_use(world: World) -> None:
    now = world.engine.clock.now()
    world.post("/v1/coupons", id="SOON", percent_off=10, redeem_by=now + 60)
    world.post("/v1/coupons", id="ONCE", percent_off=10, max_redemptions=1)
    world.advance(60)
    assert world.post("/v1/customers", coupon="SOON").error["code"] == "coupon_expired"
    assert world.post("/v1/customers", coupon="ONCE")["discount"]["source"]["coupon"] == "ONCE"
    assert world.post("/v1/customers", coupon="ONCE").error["code"] == "coupon_expired"


def test_the_discount_of_a_customer_comes_changes_and_goes(world: World) -> None:
    for name in ("FALL", "YULE"):
        world.post("/v1/coupons", id=name, percent_off=10, duration="repeating", duration_in_months=3)
    customer = world.post("/v1/customers", coupon="FALL")
    assert customer["discount"]["customer"] == customer["id"]
    # From 5 January to 5 April.
    assert customer["discount"]["end"] - customer["discount"]["start"] == 90 * 24 * 3600
    world.post(f"/v1/customers/{customer['id']}", coupon="YULE")
    assert world.get(f"/v1/customers/{customer['id']}")["discount"]["source"]["coupon"] == "YULE"
    gone = world.delete(f"/v1/customers/{customer['id']}/discount")
    assert gone["deleted"]
    assert world.get(f"/v1/customers/{customer['id']}")["discount"] is None
    told = [name for name in world.types() if "discount" in name]
    assert told == [f"customer.discount.{what}" for what in ("created", "updated", "deleted")]


def test_a_promotion_code_gives_its_coupon(world: World) -> None:
    world.post("/v1/coupons", id="FALL", percent_off=10)
    code = world.post("/v1/promotion_codes", promotion={"type": "coupon", "coupon": "FALL"}, code="HELLO")
    customer = world.post("/v1/customers", promotion_code=code["id"])
    assert customer["discount"]["promotion_code"] == code["id"]
    assert world.get("/v1/coupons/FALL")["times_redeemed"] == 1
    assert [doc["id"] for doc in world.get("/v1/promotion_codes", coupon="FALL")["data"]] == [code["id"]]
    twice = world.post("/v1/promotion_codes", promotion={"type": "coupon", "coupon": "FALL"}, code="HELLO")
    assert twice.error["param"] == "code"
    world.post(f"/v1/promotion_codes/{code['id']}", active=False)
    assert world.post("/v1/customers", promotion_code=code["id"]).error["code"] == "coupon_expired"


def test_a_tax_rate_is_kept_and_changed(world: World) -> None:
    rate = world.post("/v1/tax_rates", display_name="VAT", inclusive=False, percentage="19.6", country="FR")
    assert (rate["percentage"], rate["inclusive"], rate["active"]) == (19.6, False, True)
    world.post(f"/v1/tax_rates/{rate['id']}", active=False)
    assert world.get("/v1/tax_rates", active=False)["data"][0]["id"] == rate["id"]
    assert world.types() == ["tax_rate.created", "tax_rate.updated"]
