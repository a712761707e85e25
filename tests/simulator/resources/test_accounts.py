"""The platform, and the accounts that are connected to it."""

from tests.simulator.money.ledger import booked
from tests.simulator.worlds import ACCOUNT, World

TOLD = {
    "business_profile": {"url": "https://shop.example"},
    "tos_acceptance": {"date": 1767603600, "ip": "203.0.113.7"},
    "external_account": "btok_us",
}


def inside(account: str) -> dict[str, str]:
    return {"stripe-account": account}


def test_a_platform_knows_itself(world: World) -> None:
    own = world.get("/v1/account")
    assert (own["id"], own["charges_enabled"], own["settings"]["payouts"]["schedule"]["interval"]) == (
        ACCOUNT,
        True,
        "daily",
    )
    assert world.get(f"/v1/accounts/{ACCOUNT}").body == own.body
    assert world.get("/v1/accounts")["data"] == []
    assert world.delete(f"/v1/accounts/{ACCOUNT}").status == 403


def test_an_account_is_enabled_when_it_has_told_everything(world: World) -> None:
    new = world.post("/v1/accounts", type="custom", country="US", capabilities={"transfers": {"requested": True}})
    assert (new["payouts_enabled"], new["default_currency"], new["capabilities"]) == (
        False,
        "usd",
        {"transfers": "inactive"},
    )
    assert "external_account" in new["requirements"]["currently_due"]
    told = world.post(f"/v1/accounts/{new['id']}", **TOLD)
    assert (told["payouts_enabled"], told["capabilities"]) == (True, {"transfers": "active"})
    assert told["requirements"]["currently_due"] == []
    assert told["external_accounts"]["data"][0]["last4"] == "6789"
    updates = world.get("/v1/events", headers=inside(new["id"]), type="account.updated")["data"]
    assert [event["data"]["object"]["payouts_enabled"] for event in updates] == [True, False]
    assert world.types() == []


def test_accounts_are_listed_on_their_platform_only(world: World) -> None:
    names = [world.post("/v1/accounts")["id"] for _ in range(2)]
    assert [doc["id"] for doc in world.get("/v1/accounts")["data"]] == names[::-1]
    assert world.get(f"/v1/accounts/{names[0]}", key="sk_test_other").error["code"] == "account_invalid"
    assert world.get("/v1/account", headers=inside(names[0]))["id"] == names[0]
    assert world.get("/v1/customers", key="sk_test_other", headers=inside(names[0])).status == 403


def test_a_deleted_account_is_out_of_reach(world: World) -> None:
    name = world.post("/v1/accounts", type="standard")["id"]
    booked(world, name)
    assert world.delete(f"/v1/accounts/{name}").status == 400
    booked(world, name, amount=-1000)
    assert world.delete(f"/v1/accounts/{name}")["deleted"] is True
    assert world.get("/v1/account", headers=inside(name)).error["code"] == "account_invalid"
    last = world.engine.store.select(name, "event", {})[0]
    assert last["type"] == "account.application.deauthorized"
    assert last["data"]["object"]["object"] == "application"


def test_an_account_is_rejected_and_taken_back(world: World) -> None:
    name = world.post("/v1/accounts", type="custom", **TOLD)["id"]
    rejected = world.post(f"/v1/accounts/{name}/reject", reason="fraud_other")
    assert (rejected["charges_enabled"], rejected["requirements"]["disabled_reason"]) == (
        False,
        "rejected.platform_fraud",
    )
    assert world.post(f"/v1/accounts/{name}/unreject")["charges_enabled"] is True


def test_settings_are_merged(world: World) -> None:
    name = world.post("/v1/accounts")["id"]
    world.post(f"/v1/accounts/{name}", settings={"branding": {"primary_color": "#123456"}})
    weekly = {"payouts": {"schedule": {"interval": "weekly", "weekly_anchor": "friday"}}}
    settings = world.post(f"/v1/accounts/{name}", settings=weekly)["settings"]
    assert settings["branding"]["primary_color"] == "#123456"
    assert settings["payouts"]["schedule"]["weekly_payout_days"] == ["friday"]
    assert settings["payouts"]["debit_negative_balances"] is True


def test_a_platform_sets_its_own_schedule(world: World) -> None:
    schedule = {"interval": "monthly", "monthly_payout_days": [15, 30]}
    answer = world.post("/v1/balance_settings", payments={"payouts": {"schedule": schedule}})
    assert answer["payments"]["payouts"]["schedule"] == schedule
    assert world.get("/v1/balance_settings").body == answer.body
    assert world.get("/v1/account")["settings"]["payouts"]["schedule"]["monthly_anchor"] == 15
    booked(world)
    world.advance(9 * 24 * 3600)
    assert world.get("/v1/payouts")["data"] == []
    world.advance(24 * 3600)
    assert [doc["amount"] for doc in world.get("/v1/payouts")["data"]] == [1000]
    assert {"account.updated", "balance_settings.updated"} <= set(world.types())


def test_capabilities_are_asked_for_one_by_one(world: World) -> None:
    name = world.post("/v1/accounts", type="express", **TOLD)["id"]
    path = f"/v1/accounts/{name}/capabilities"
    assert world.get(f"{path}/transfers")["status"] == "unrequested"
    assert world.post(f"{path}/transfers", requested=True)["status"] == "active"
    assert [doc["id"] for doc in world.get(path)["data"]] == ["transfers"]
    assert world.get(f"{path}/flying").status == 404
    assert world.get("/v1/events", headers=inside(name), type="capability.updated")["data"] != []
    assert world.post(f"{path}/transfers", requested=False)["requested"] is False
