"""Setup intents: every state, and the attempts they leave."""

from typing import Any

import pytest

from tests.simulator.worlds import Answer, World


def set_up(world: World, card: str = "visa", **params: Any) -> Answer:
    return world.post("/v1/setup_intents", payment_method=f"pm_card_{card}", confirm=True, **params)


def test_a_card_is_set_up_for_a_customer(world: World) -> None:
    customer = world.post("/v1/customers")["id"]
    intent = set_up(world, customer=customer, expand=["latest_attempt"])
    assert (intent["status"], intent["latest_attempt"]["status"]) == ("succeeded", "succeeded")
    kept = world.get("/v1/payment_methods", customer=customer, type="card")["data"]
    assert [method["id"] for method in kept] == [intent["payment_method"]]
    wanted = ["customer.created", "setup_intent.created", "payment_method.attached", "setup_intent.succeeded"]
    assert world.types() == wanted


def test_a_declined_card_is_not_set_up(world: World) -> None:
    refused = set_up(world, "chargeDeclined")
    assert (refused.status, refused.error["type"], refused.error["code"]) == (402, "card_error", "card_declined")
    intent = world.get(f"/v1/setup_intents/{refused.error['setup_intent']['id']}")
    assert (intent["status"], intent["payment_method"]) == ("requires_payment_method", None)
    assert intent["last_setup_error"]["decline_code"] == "generic_decline"
    assert world.types() == ["setup_intent.created", "setup_intent.setup_failed"]


def test_a_card_that_fails_on_charges_is_set_up(world: World) -> None:
    assert set_up(world, "chargeCustomerFail")["status"] == "succeeded"


@pytest.mark.parametrize(
    ("succeed", "status", "event"),
    [
        (True, "succeeded", "setup_intent.succeeded"),
        (False, "requires_payment_method", "setup_intent.setup_failed"),
    ],
)
def test_an_authentication_ends_either_way(world: World, succeed: bool, status: str, event: str) -> None:
    intent = set_up(world, "authenticationRequired", return_url="https://shop.example/")
    assert (intent["status"], intent["next_action"]["type"]) == ("requires_action", "redirect_to_url")
    done = world.post(f"/v1/test_helpers/setup_intents/{intent['id']}/authenticate", succeed=succeed)
    assert (done["status"], world.types()[-2:]) == (status, ["setup_intent.requires_action", event])
    attempts = world.get("/v1/setup_attempts", setup_intent=intent["id"])["data"]
    assert [attempt["status"] for attempt in attempts] == ["succeeded" if succeed else "failed", "requires_action"]


def test_what_was_set_up_pays_without_the_customer(world: World) -> None:
    customer = world.post("/v1/customers")["id"]
    intent = set_up(world, "authenticationRequiredOnSetup", customer=customer)
    world.post(f"/v1/test_helpers/setup_intents/{intent['id']}/authenticate")
    order = {"amount": 500, "currency": "eur", "customer": customer, "confirm": True, "off_session": True}
    assert world.post("/v1/payment_intents", **order, payment_method=intent["payment_method"])["status"] == "succeeded"
    fresh = world.post("/v1/payment_intents", **order, payment_method="pm_card_authenticationRequiredOnSetup")
    assert fresh.error["code"] == "authentication_required"


def test_an_intent_is_prepared_confirmed_and_then_closed(world: World) -> None:
    intent = world.post("/v1/setup_intents")["id"]
    path = f"/v1/setup_intents/{intent}"
    assert world.post(f"{path}/confirm").error["code"] == "setup_intent_unexpected_state"
    assert world.post(path, payment_method="pm_card_visa")["status"] == "requires_confirmation"
    assert world.post(f"{path}/confirm")["status"] == "succeeded"
    assert world.post(f"{path}/cancel").error["code"] == "setup_intent_unexpected_state"


def test_an_intent_is_canceled(world: World) -> None:
    intent = world.post("/v1/setup_intents", payment_method_types=["card"])["id"]
    canceled = world.post(f"/v1/setup_intents/{intent}/cancel", cancellation_reason="abandoned")
    assert (canceled["status"], canceled["cancellation_reason"]) == ("canceled", "abandoned")
    assert world.types() == ["setup_intent.created", "setup_intent.canceled"]


def test_a_bank_account_is_set_up_with_a_mandate(world: World) -> None:
    intent = world.post("/v1/setup_intents", payment_method="pm_success_de", confirm=True, expand=["mandate"])
    assert (intent["status"], intent["mandate"]["status"]) == ("succeeded", "active")
