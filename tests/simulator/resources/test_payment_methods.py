"""Payment methods, cards of customers, and tokens."""

from typing import Any

import pytest

from tests.simulator.worlds import World

CARD = {"number": "4242424242424242", "exp_month": 12, "exp_year": 2030, "cvc": "123"}


def test_a_payment_method_is_made_of_a_number(world: World) -> None:
    place = {"line1": "1 Rue X", "postal_code": "75001"}
    made = world.post("/v1/payment_methods", type="card", card=CARD, billing_details={"name": "Bo", "address": place})
    card = made["card"]
    assert (card["brand"], card["last4"], card["exp_year"]) == ("visa", "4242", 2030)
    assert card["checks"] == {"address_line1_check": "pass", "address_postal_code_check": "pass", "cvc_check": "pass"}
    assert made["billing_details"]["address"]["postal_code"] == "75001"
    assert world.get(f"/v1/payment_methods/{made['id']}").body == made.body
    assert world.types() == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"number": "4242424242424241"}, "incorrect_number"),
        ({"exp_month": 13}, "invalid_expiry_month"),
        ({"exp_year": 2025}, "invalid_expiry_year"),
    ],
)
def test_a_card_that_cannot_be_is_refused(world: World, change: dict[str, Any], code: str) -> None:
    refused = world.post("/v1/payment_methods", type="card", card=CARD | change)
    assert (refused.status, refused.error["type"], refused.error["code"]) == (402, "card_error", code)


def test_equal_cards_have_equal_fingerprints(world: World) -> None:
    one, same = (world.post("/v1/payment_methods", type="card", card=CARD)["card"] for _ in range(2))
    other = world.post("/v1/payment_methods", type="card", card={"token": "tok_mastercard"})["card"]
    assert one["fingerprint"] == same["fingerprint"] != other["fingerprint"]


def test_a_method_is_attached_and_detached(world: World) -> None:
    customer = world.post("/v1/customers")["id"]
    method = world.post("/v1/payment_methods/pm_card_visa/attach", customer=customer)
    assert method["customer"] == customer
    path = f"/v1/customers/{customer}/payment_methods"
    assert world.get(path, type="card")["data"] == [method.body]
    assert world.get(f"{path}/{method['id']}")["id"] == method["id"]
    assert world.post(f"/v1/payment_methods/{method['id']}/detach")["customer"] is None
    assert world.get(path)["data"] == []
    assert world.types()[1:] == ["payment_method.attached", "payment_method.detached"]
    assert world.post(f"/v1/payment_methods/{method['id']}/detach").status == 400


def test_a_method_belongs_to_one_customer(world: World) -> None:
    one, other = (world.post("/v1/customers")["id"] for _ in range(2))
    method = world.post("/v1/payment_methods/pm_card_visa/attach", customer=one)["id"]
    assert world.post(f"/v1/payment_methods/{method}/attach", customer=other).status == 400
    assert world.post(f"/v1/payment_methods/{method}/attach", customer="cus_none").error["param"] == "customer"


def test_a_declined_card_is_not_attached_but_one_that_fails_later_is(world: World) -> None:
    customer = world.post("/v1/customers")["id"]
    refused = world.post("/v1/payment_methods/pm_card_chargeDeclined/attach", customer=customer)
    assert (refused.status, refused.error["code"]) == (402, "card_declined")
    assert world.post("/v1/payment_methods/pm_card_chargeCustomerFail/attach", customer=customer).status == 200


def test_a_change_is_told_with_what_it_was(world: World) -> None:
    customer = world.post("/v1/customers")["id"]
    method = world.post("/v1/payment_methods/pm_card_visa/attach", customer=customer)["id"]
    path = f"/v1/payment_methods/{method}"
    changed = world.post(path, billing_details={"email": "a@b.example"}, metadata={"a": "b"}, card={"exp_year": 2031})
    assert (changed["billing_details"]["email"], changed["card"]["exp_year"]) == ("a@b.example", 2031)
    event = world.events()[-1]
    assert event["type"] == "payment_method.updated"
    assert set(event["data"]["previous_attributes"]) == {"billing_details", "metadata", "card"}


def test_a_customer_is_made_with_a_default(world: World) -> None:
    customer = world.post(
        "/v1/customers", payment_method="pm_card_visa", invoice_settings={"default_payment_method": "pm_card_visa"}
    )
    kept = world.get("/v1/payment_methods", customer=customer["id"], type="card")["data"]
    assert [method["id"] for method in kept] == [customer["invoice_settings"]["default_payment_method"]]
    path = f"/v1/customers/{customer['id']}"
    unknown = world.post(path, invoice_settings={"default_payment_method": "pm_none"})
    assert (unknown.status, unknown.error["code"]) == (400, "resource_missing")
    world.post(f"/v1/payment_methods/{kept[0]['id']}/detach")
    assert world.get(path)["invoice_settings"]["default_payment_method"] is None


def test_a_bank_account_shows_its_country(world: World) -> None:
    made = world.post("/v1/payment_methods", type="sepa_debit", sepa_debit={"iban": "DE89 3704 0044 0532 0130 00"})
    assert (made["sepa_debit"]["country"], made["sepa_debit"]["last4"], "card" in made.body) == ("DE", "3000", False)


def test_a_kind_of_payment_that_is_not_there_is_refused(world: World) -> None:
    assert world.post("/v1/payment_methods", type="ideal").error["param"] == "type"
    assert world.post("/v1/payment_methods", type="card").error["code"] == "parameter_missing"


def test_cards_of_a_customer_come_and_go(world: World) -> None:
    customer = world.post("/v1/customers", source="tok_visa")
    path = f"/v1/customers/{customer['id']}"
    first = customer["default_source"]
    second = world.post(f"{path}/sources", source="tok_mastercard", metadata={"a": "b"})
    assert (second["brand"], second["metadata"]) == ("MasterCard", {"a": "b"})
    assert world.post(f"{path}/sources/{second['id']}", name="Bo", exp_year=2031)["name"] == "Bo"
    assert world.types()[-1] == "customer.source.updated"
    shown = world.get(path, expand=["sources"])
    assert [card["id"] for card in shown["sources"]["data"]] == [second["id"], first]
    assert world.delete(f"{path}/sources/{first}").body["deleted"] is True
    assert world.get(path)["default_source"] == second["id"]
    assert world.get(f"{path}/sources/{first}").status == 404


def test_a_token_works_once(world: World) -> None:
    token = world.post("/v1/tokens", card=CARD | {"name": "Bo", "number": "4111111111111111"})
    assert (token["type"], token["used"], token["card"]["last4"]) == ("card", False, "1111")
    made = world.post("/v1/payment_methods", type="card", card={"token": token["id"]})
    assert made["card"]["last4"] == "1111"
    again = world.post("/v1/payment_methods", type="card", card={"token": token["id"]})
    assert (again.status, again.error["code"]) == (400, "token_already_used")
