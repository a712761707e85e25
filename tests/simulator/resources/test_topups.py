"""Money of one's own comes into the balance."""

from simulator.money.balance import DAY
from tests.simulator.money.ledger import available
from tests.simulator.worlds import World


def test_a_topup_arrives_a_day_later(world: World) -> None:
    topup = world.post("/v1/topups", amount=2000, currency="usd", description="Float")
    assert (topup["status"], topup["balance_transaction"]) == ("pending", None)
    world.advance(DAY)
    arrived = world.get(f"/v1/topups/{topup['id']}", expand=["balance_transaction"])
    assert (arrived["status"], arrived["balance_transaction"]["reporting_category"]) == ("succeeded", "topup")
    assert available(world, "usd") == 2000
    assert world.types() == ["topup.created", "balance.available", "topup.succeeded"]
    assert world.get("/v1/topups", amount={"gte": 2000}, status="succeeded")["data"][0]["id"] == topup["id"]
    assert world.get("/v1/topups", amount={"gt": 2000})["data"] == []


def test_a_topup_can_be_canceled_before(world: World) -> None:
    topup = world.post("/v1/topups", amount=2000, currency="usd")["id"]
    assert world.post(f"/v1/topups/{topup}/cancel")["status"] == "canceled"
    world.advance(2 * DAY)
    assert world.types() == ["topup.created", "topup.canceled"]
    assert world.post(f"/v1/topups/{topup}/cancel").status == 400


def test_a_topup_that_the_bank_refuses_fails(world: World) -> None:
    topup = world.post("/v1/topups", amount=2000, currency="usd", source="btok_us_verified_noAccount")["id"]
    world.advance(DAY)
    assert world.get(f"/v1/topups/{topup}")["failure_code"] == "no_account"
    assert world.types() == ["topup.created", "topup.failed"]
