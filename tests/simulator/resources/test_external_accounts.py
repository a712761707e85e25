"""Where connected accounts are paid out to."""

from tests.simulator.money.ledger import booked
from tests.simulator.worlds import World

BANK = {"object": "bank_account", "country": "DE", "currency": "eur", "account_number": "DE89370400440532013000"}


def test_bank_accounts_come_and_go(world: World) -> None:
    account = world.post("/v1/accounts")["id"]
    path = f"/v1/accounts/{account}/external_accounts"
    first = world.post(path, external_account=BANK)
    second = world.post(path, external_account=BANK | {"account_number": "DE62370400440532013001"})
    assert (first["default_for_currency"], second["default_for_currency"]) == (True, False)
    assert [doc["id"] for doc in world.get(path)["data"]] == [second["id"], first["id"]]
    assert world.delete(f"{path}/{first['id']}").status == 400
    world.post(f"{path}/{second['id']}", default_for_currency=True, account_holder_name="Ann")
    assert world.get(f"{path}/{first['id']}")["default_for_currency"] is False
    assert world.delete(f"{path}/{first['id']}")["deleted"] is True
    shown = world.get(f"/v1/accounts/{account}")["external_accounts"]["data"]
    assert [(doc["id"], doc["account_holder_name"]) for doc in shown] == [(second["id"], "Ann")]
    events = world.get("/v1/events", headers={"stripe-account": account}, types=["account.external_account.*"])["data"]
    assert [event["type"].rpartition(".")[2] for event in events] == [
        "deleted",
        "updated",
        "updated",
        "created",
        "created",
    ]


def test_an_unknown_token_is_refused(world: World) -> None:
    account = world.post("/v1/accounts")["id"]
    answer = world.post(f"/v1/accounts/{account}/external_accounts", external_account="btok_none")
    assert (answer.status, answer.error["param"]) == (400, "external_account")


def test_a_test_number_fails_its_payouts(world: World) -> None:
    told = {"business_profile": {"url": "https://a.example"}, "tos_acceptance": {"date": 1, "ip": "203.0.113.7"}}
    closed = BANK | {"account_number": "000111111113"}
    account = world.post("/v1/accounts", type="custom", country="DE", external_account=closed, **told)["id"]
    booked(world, account)
    world.advance(2 * 24 * 3600)
    payouts = world.get("/v1/payouts", headers={"stripe-account": account})["data"]
    assert {doc["failure_code"] for doc in payouts if doc["status"] == "failed"} == {"account_closed"}


def test_without_a_bank_account_nothing_is_paid_out(world: World) -> None:
    account = world.post("/v1/accounts", country="DE")["id"]
    booked(world, account)
    answer = world.post("/v1/payouts", headers={"stripe-account": account}, amount=100, currency="eur")
    assert answer.error["code"] == "payouts_not_allowed"
    world.advance(3 * 24 * 3600)
    assert world.get("/v1/payouts", headers={"stripe-account": account})["data"] == []
