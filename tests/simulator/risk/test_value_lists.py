"""Lists that rules look at, their items, and what they block."""

import pytest

from simulator.risk import value_lists
from simulator.risk.value_lists import is_blocked
from tests.simulator.risk.charges import paid
from tests.simulator.risk.claims import caused
from tests.simulator.worlds import ACCOUNT, Answer, World

LISTS, ITEMS = "/v1/radar/value_lists", "/v1/radar/value_list_items"


def made(world: World, alias: str = "bad", item_type: str | None = None) -> Answer:
    return world.post(LISTS, alias=alias, name="Bad", item_type=item_type)


def test_a_list_shows_its_items(world: World) -> None:
    name = made(world, item_type="email")["id"]
    items = [world.post(ITEMS, value_list=name, value=f"Bo{number}@b.example")["id"] for number in range(11)]
    shown = world.get(f"{LISTS}/{name}")
    assert (shown["item_type"], shown["list_items"]["has_more"]) == ("email", True)
    assert [item["id"] for item in shown["list_items"]["data"]] == items[:0:-1]
    assert world.get(f"{ITEMS}/{items[0]}")["value"] == "bo0@b.example"
    found = world.get(ITEMS, value_list=name, value="BO3@b.example")["data"]
    assert [item["id"] for item in found] == [items[3]]


def test_an_item_is_on_a_list_once(world: World) -> None:
    name = made(world)["id"]
    item = world.post(ITEMS, value_list=name, value="Word")["id"]
    assert "already exists" in world.post(ITEMS, value_list=name, value="word").error["message"]
    assert world.delete(f"{ITEMS}/{item}").body == {"id": item, "object": "radar.value_list_item", "deleted": True}
    assert world.get(f"{ITEMS}/{item}").status == 404
    assert world.post(ITEMS, value_list=name, value="word").status == 200


@pytest.mark.parametrize(
    ("item_type", "good", "written", "bad"),
    [
        ("account", "acct_1abc", "acct_1abc", "cus_1"),
        ("card_bin", "424242", "424242", "4242"),
        ("card_fingerprint", "AOB934RV", "AOB934RV", "a b"),
        ("case_sensitive_string", "Word", "Word", "x" * 801),
        ("country", "fr", "FR", "FRA"),
        ("crypto_fingerprint", "abc1", "abc1", "a-b"),
        ("customer_id", "cus_1", "cus_1", "acct_1"),
        ("email", "A@B.example", "a@b.example", "a b"),
        ("ip_address", "192.0.2.1", "192.0.2.1", "192.0.2"),
        ("sepa_debit_fingerprint", "abc1", "abc1", "a-b"),
        ("string", "Word", "word", "x" * 801),
        ("us_bank_account_fingerprint", "abc1", "abc1", "a-b"),
    ],
)
def test_values_are_of_the_lists_type(world: World, item_type: str, good: str, written: str, bad: str) -> None:
    name = made(world, item_type=item_type)["id"]
    assert world.post(ITEMS, value_list=name, value=good)["value"] == written
    refused = world.post(ITEMS, value_list=name, value=bad)
    assert (refused.status, refused.error["param"]) == (400, "value")


def test_a_list_is_full_at_its_limit(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(value_lists, "MOST", 2)
    name = made(world)["id"]
    first = world.post(ITEMS, value_list=name, value="a")["id"]
    world.post(ITEMS, value_list=name, value="b")
    assert world.post(ITEMS, value_list=name, value="c").error["param"] == "value_list"
    world.delete(f"{ITEMS}/{first}")
    assert world.post(ITEMS, value_list=name, value="c").status == 200


def test_an_alias_is_taken_once_and_can_be_changed(world: World) -> None:
    first, second = made(world)["id"], made(world, "worse")["id"]
    assert made(world).error["param"] == "alias"
    assert made(world, "Not an alias").error["param"] == "alias"
    assert world.post(f"{LISTS}/{second}", alias="bad").error["param"] == "alias"
    assert world.post(f"{LISTS}/{second}", alias="worse", name="Worse", metadata={"a": "b"})["name"] == "Worse"
    assert world.post(f"{LISTS}/{first}", alias="best")["alias"] == "best"
    assert [doc["id"] for doc in world.get(LISTS, alias="best")["data"]] == [first]


def test_lists_are_found_by_what_they_contain(world: World) -> None:
    words, mails = made(world)["id"], made(world, "mails", "email")["id"]
    made(world, "empty")
    world.post(ITEMS, value_list=words, value="a@b.example")
    world.post(ITEMS, value_list=mails, value="a@b.example")
    page = world.get(LISTS, contains="A@b.example", limit=1)
    assert ([doc["id"] for doc in page["data"]], page["has_more"]) == ([mails], True)
    page = world.get(LISTS, contains="A@b.example", limit=1, starting_after=mails)
    assert ([doc["id"] for doc in page["data"]], page["has_more"]) == ([words], False)
    assert world.get(LISTS, contains="A@b.example", alias="empty")["data"] == []


def test_a_deleted_list_takes_its_items_along(world: World) -> None:
    name = made(world)["id"]
    item = world.post(ITEMS, value_list=name, value="a")["id"]
    assert world.delete(f"{LISTS}/{name}")["deleted"] is True
    assert world.get(f"{LISTS}/{name}").status == 404
    assert world.get(f"{ITEMS}/{item}").status == 404
    assert world.post(ITEMS, value_list=name, value="b").error["param"] == "value_list"


def test_a_refund_as_fraud_blocks_card_and_addresses(world: World) -> None:
    customer = world.post("/v1/customers", email="bo@b.example")["id"]
    charge = paid(world, customer=customer, receipt_email="Receipt@b.example")
    for _ in range(2):
        caused(world, "refund", charge, reason="fraudulent")
    [mails] = world.get(LISTS, alias="email_blocklist")["data"]
    assert [item["value"] for item in mails["list_items"]["data"]] == ["bo@b.example", "receipt@b.example"]
    call = world.engine.call(ACCOUNT)
    fingerprint = charge["payment_method_details"]["card"]["fingerprint"]
    assert is_blocked(call, {"card_fingerprint": fingerprint, "email": None}) == "card_fingerprint_blocklist"
    assert is_blocked(call, {"email": "BO@b.example"}) == "email_blocklist"
    assert is_blocked(call, {"customer_id": customer}) == "email_blocklist"
    assert is_blocked(call, {"email": "al@b.example", "card_fingerprint": "other", "customer_id": customer}) is None


def test_a_refund_for_another_reason_blocks_nobody(world: World) -> None:
    caused(world, "refund", reason="requested_by_customer")
    assert world.get(LISTS)["data"] == []


def test_what_is_allowed_is_not_blocked(world: World) -> None:
    for alias in ("email_blocklist", "email_allowlist"):
        world.post(ITEMS, value_list=made(world, alias, "email")["id"], value="bo@b.example")
    assert is_blocked(world.engine.call(ACCOUNT), {"email": "bo@b.example"}) is None
