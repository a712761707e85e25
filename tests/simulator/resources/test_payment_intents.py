"""Payment intents: every state, and the events in between."""

from typing import Any

import pytest

from tests.simulator.worlds import Answer, World

BASICS: dict[str, Any] = {"amount": 2000, "currency": "eur", "payment_method_types": ["card"]}
RETURN = "https://shop.example/done"


def pay(world: World, card: str = "visa", **params: Any) -> Answer:
    """Create and confirm."""
    return world.post("/v1/payment_intents", **BASICS | {"payment_method": f"pm_card_{card}", "confirm": True} | params)


def test_a_payment_succeeds_with_its_charge_and_events(world: World) -> None:
    intent = pay(world, metadata={"order": "6735"}, description="Shirt")
    assert (intent["status"], intent["amount_received"], intent["capture_method"]) == (
        "succeeded",
        2000,
        "automatic_async",
    )
    charge = world.get(f"/v1/charges/{intent['latest_charge']}", expand=["balance_transaction"])
    assert (charge["status"], charge["captured"], charge["paid"]) == ("succeeded", True, True)
    assert (charge["metadata"], charge["description"]) == ({"order": "6735"}, "Shirt")
    assert charge["outcome"]["type"] == "authorized"
    booked = charge["balance_transaction"]
    assert (booked["amount"], booked["fee"], booked["net"]) == (2000, 90, 1910)
    assert world.types() == ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded", "charge.updated"]


def test_an_asynchronous_capture_is_booked_after_its_first_event(world: World) -> None:
    pay(world)
    events = {event["type"]: event["data"] for event in world.events()}
    assert events["charge.succeeded"]["object"]["balance_transaction"] is None
    assert events["charge.updated"]["previous_attributes"] == {"balance_transaction": None}


def test_a_synchronous_capture_is_booked_at_once(world: World) -> None:
    pay(world, capture_method="automatic")
    assert world.types() == ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]
    assert world.events(type="charge.succeeded")[0]["data"]["object"]["balance_transaction"].startswith("txn_")


def test_an_intent_is_created_prepared_and_confirmed(world: World) -> None:
    intent = world.post("/v1/payment_intents", amount=2000, currency="EUR")
    assert (intent["status"], intent["currency"]) == ("requires_payment_method", "eur")
    assert intent["automatic_payment_methods"] == {"allow_redirects": "always", "enabled": True}
    path = f"/v1/payment_intents/{intent['id']}"
    assert world.post(f"{path}/confirm").error["code"] == "payment_intent_unexpected_state"
    assert world.post(path, payment_method="pm_card_visa", amount=2500)["status"] == "requires_confirmation"
    done = world.post(f"{path}/confirm")
    assert (done["status"], done["amount_received"]) == ("succeeded", 2500)
    again = world.post(f"{path}/confirm")
    assert (again.status, again.error["code"]) == (400, "payment_intent_unexpected_state")


@pytest.mark.parametrize(
    ("card", "code", "decline_code"),
    [
        ("chargeDeclined", "card_declined", "generic_decline"),
        ("visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("visa_chargeDeclinedLostCard", "card_declined", "lost_card"),
        ("chargeDeclinedExpiredCard", "expired_card", "expired_card"),
        ("chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc"),
        ("chargeDeclinedProcessingError", "processing_error", "processing_error"),
        ("radarBlock", "card_declined", "fraudulent"),
    ],
)
def test_a_decline_leaves_a_failed_charge(world: World, card: str, code: str, decline_code: str) -> None:
    refused = pay(world, card)
    error = refused.error
    assert (refused.status, error["type"], error["code"], error["decline_code"]) == (
        402,
        "card_error",
        code,
        decline_code,
    )
    intent = world.get(f"/v1/payment_intents/{error['payment_intent']['id']}")
    assert (intent["status"], intent["payment_method"]) == ("requires_payment_method", None)
    assert (intent["latest_charge"], intent["last_payment_error"]["code"]) == (error["charge"], code)
    charge = world.get(f"/v1/charges/{error['charge']}")
    assert (charge["status"], charge["failure_code"], charge["balance_transaction"]) == ("failed", code, None)
    assert world.types() == ["payment_intent.created", "charge.failed", "payment_intent.payment_failed"]
    assert world.get("/v1/balance")["pending"][0]["amount"] == 0


def test_a_blocked_payment_never_reaches_the_network(world: World) -> None:
    outcome = world.get(f"/v1/charges/{pay(world, 'riskLevelHighest').error['charge']}")["outcome"]
    assert (outcome["type"], outcome["network_status"]) == ("blocked", "not_sent_to_network")
    assert (outcome["reason"], outcome["risk_level"]) == ("highest_risk_level", "highest")
    assert outcome["risk_score"] >= 75


def test_after_a_decline_another_card_may_pay(world: World) -> None:
    intent = pay(world, "chargeDeclined").error["payment_intent"]["id"]
    done = world.post(f"/v1/payment_intents/{intent}/confirm", payment_method="pm_card_visa")
    assert (done["status"], done["last_payment_error"]) == ("succeeded", None)
    charges = world.get("/v1/charges", payment_intent=intent)["data"]
    assert [charge["status"] for charge in charges] == ["succeeded", "failed"]


def test_three_d_secure_is_asked_for_and_passed(world: World) -> None:
    intent = pay(world, "authenticationRequired", return_url=RETURN)
    assert (intent["status"], intent["latest_charge"]) == ("requires_action", None)
    assert intent["next_action"]["redirect_to_url"]["return_url"] == RETURN
    done = world.post(f"/v1/test_helpers/payment_intents/{intent['id']}/authenticate")
    assert (done["status"], done["next_action"]) == ("succeeded", None)
    charge = world.get(f"/v1/charges/{done['latest_charge']}")
    assert charge["payment_method_details"]["card"]["three_d_secure"]["result"] == "authenticated"
    assert world.types()[:3] == ["payment_intent.created", "payment_intent.requires_action", "charge.succeeded"]


def test_three_d_secure_is_failed(world: World) -> None:
    intent = pay(world, "threeDSecure2Required")
    assert intent["next_action"]["type"] == "use_stripe_sdk"
    path = f"/v1/test_helpers/payment_intents/{intent['id']}/authenticate"
    failed = world.post(path, succeed=False)
    assert (failed["status"], failed["latest_charge"]) == ("requires_payment_method", None)
    assert failed["last_payment_error"]["code"] == "payment_intent_authentication_failure"
    assert world.types()[-1] == "payment_intent.payment_failed"
    assert world.post(path).error["code"] == "payment_intent_unexpected_state"


def test_a_card_may_decline_after_three_d_secure(world: World) -> None:
    intent = pay(world, "threeDSecureRequiredChargeDeclined")
    refused = world.post(f"/v1/test_helpers/payment_intents/{intent['id']}/authenticate")
    assert (refused.status, refused.error["decline_code"]) == (402, "generic_decline")


def test_nobody_can_authenticate_off_the_session(world: World) -> None:
    refused = pay(world, "authenticationRequired", off_session=True)
    assert (refused.status, refused.error["code"]) == (402, "authentication_required")
    assert world.types() == ["payment_intent.created", "charge.failed", "payment_intent.payment_failed"]


def test_an_action_that_is_not_wanted_is_an_error(world: World) -> None:
    refused = pay(world, "authenticationRequired", error_on_requires_action=True)
    assert (refused.status, refused.error["code"]) == (402, "authentication_required")
    assert world.types() == ["payment_intent.created", "payment_intent.payment_failed"]


def test_a_manual_confirmation_takes_another_one_after_the_action(world: World) -> None:
    intent = pay(world, "authenticationRequired", confirmation_method="manual")["id"]
    assert world.post(f"/v1/test_helpers/payment_intents/{intent}/authenticate")["status"] == "requires_confirmation"
    assert world.post(f"/v1/payment_intents/{intent}/confirm")["status"] == "succeeded"


def test_what_is_authorised_is_captured_later(world: World) -> None:
    intent = pay(world, capture_method="manual")
    assert (intent["status"], intent["amount_capturable"], intent["amount_received"]) == ("requires_capture", 2000, 0)
    done = world.post(f"/v1/payment_intents/{intent['id']}/capture")
    assert (done["status"], done["amount_capturable"], done["amount_received"]) == ("succeeded", 0, 2000)
    assert world.types() == [
        *("payment_intent.created", "charge.succeeded", "payment_intent.amount_capturable_updated"),
        *("charge.captured", "payment_intent.succeeded"),
    ]
    again = world.post(f"/v1/payment_intents/{intent['id']}/capture")
    assert again.error["code"] == "payment_intent_unexpected_state"


def test_a_partial_capture_releases_the_rest(world: World) -> None:
    intent = pay(world, capture_method="manual")["id"]
    done = world.post(f"/v1/payment_intents/{intent}/capture", amount_to_capture=1500)
    assert (done["amount"], done["amount_received"]) == (2000, 1500)
    charge = world.get(f"/v1/charges/{done['latest_charge']}")
    amounts = (charge["amount"], charge["amount_captured"], charge["amount_refunded"], charge["refunded"])
    assert amounts == (2000, 1500, 500, False)
    lines = [(line["type"], line["reporting_category"], line["amount"]) for line in booked(world)]
    assert lines == [("charge", "charge", 2000), ("refund", "partial_capture_reversal", -500)]


def test_a_capture_adds_to_the_metadata_of_the_intent(world: World) -> None:
    intent = pay(world, capture_method="manual", metadata={"order": "7"})["id"]
    captured = world.post(f"/v1/payment_intents/{intent}/capture", amount_to_capture=500, metadata={"case": "8"})
    assert captured["metadata"] == {"order": "7", "case": "8"}


def test_more_than_is_authorised_cannot_be_captured(world: World) -> None:
    intent = pay(world, capture_method="manual")["id"]
    refused = world.post(f"/v1/payment_intents/{intent}/capture", amount_to_capture=2001)
    assert (refused.status, refused.error["code"]) == (400, "amount_too_large")
    assert world.post(f"/v1/payment_intents/{intent}/capture", amount_to_capture=1, final_capture=False).status == 400


def test_several_captures_take_what_was_authorised_for_several(world: World) -> None:
    options = {"card": {"request_multicapture": "if_available"}}
    path = f"/v1/payment_intents/{pay(world, capture_method='manual', payment_method_options=options)['id']}/capture"
    first = world.post(path, amount_to_capture=700, final_capture=False)
    assert (first["status"], first["amount_capturable"], first["amount_received"]) == ("requires_capture", 1300, 700)
    last = world.post(path, amount_to_capture=800)
    assert (last["status"], last["amount_received"]) == ("succeeded", 1500)
    assert [line["amount"] for line in booked(world)] == [700, 800]


def test_an_authorisation_can_be_raised(world: World) -> None:
    options = {"card": {"request_incremental_authorization": "if_available"}}
    intent = pay(world, capture_method="manual", payment_method_options=options)["id"]
    raised = world.post(f"/v1/payment_intents/{intent}/increment_authorization", amount=2600)
    assert (raised["amount"], raised["amount_capturable"]) == (2600, 2600)
    assert world.post(f"/v1/payment_intents/{intent}/capture")["amount_received"] == 2600


def test_an_authorisation_is_given_up(world: World) -> None:
    intent = pay(world, capture_method="manual")
    canceled = world.post(f"/v1/payment_intents/{intent['id']}/cancel", cancellation_reason="duplicate")
    assert (canceled["status"], canceled["cancellation_reason"]) == ("canceled", "duplicate")
    assert (canceled["amount_capturable"], canceled["canceled_at"]) == (0, canceled["created"])
    charge = world.get(f"/v1/charges/{intent['latest_charge']}")
    assert (charge["captured"], charge["refunded"], charge["amount_refunded"]) == (False, True, 2000)
    assert booked(world) == []
    assert world.types()[-3:] == ["refund.created", "charge.refunded", "payment_intent.canceled"]


def test_an_authorisation_expires_after_a_week(world: World) -> None:
    intent = pay(world, capture_method="manual")["id"]
    world.advance(7 * 24 * 3600)
    expired = world.get(f"/v1/payment_intents/{intent}")
    assert (expired["status"], expired["cancellation_reason"]) == ("canceled", "automatic")
    assert world.types()[-2:] == ["charge.expired", "payment_intent.canceled"]
    assert world.get("/v1/refunds")["data"][0]["reason"] == "expired_uncaptured_charge"


def test_what_succeeded_cannot_be_canceled(world: World) -> None:
    refused = world.post(f"/v1/payment_intents/{pay(world)['id']}/cancel")
    assert (refused.status, refused.error["code"]) == (400, "payment_intent_unexpected_state")


def debit(world: World, iban: str) -> Answer:
    method = world.post("/v1/payment_methods", type="sepa_debit", sepa_debit={"iban": iban})["id"]
    return world.post(
        "/v1/payment_intents",
        **BASICS | {"payment_method": method, "payment_method_types": ["sepa_debit"], "confirm": True},
    )


def test_a_debit_succeeds_later(world: World) -> None:
    intent = debit(world, "AT321904300235473204")
    assert (intent["status"], world.types()[-2:]) == ("processing", ["charge.pending", "payment_intent.processing"])
    world.advance(179)
    assert world.get(f"/v1/payment_intents/{intent['id']}")["status"] == "processing"
    world.advance(1)
    done = world.get(f"/v1/payment_intents/{intent['id']}", expand=["latest_charge.balance_transaction"])
    assert (done["status"], done["amount_received"]) == ("succeeded", 2000)
    assert done["latest_charge"]["id"].startswith("py_")
    assert done["latest_charge"]["balance_transaction"]["type"] == "payment"
    assert world.types()[-2:] == ["charge.succeeded", "payment_intent.succeeded"]
    mandate = done["latest_charge"]["payment_method_details"]["sepa_debit"]["mandate"]
    assert world.get(f"/v1/mandates/{mandate}")["status"] == "active"


def test_a_debit_fails_later(world: World) -> None:
    intent = debit(world, "IT60X0542811101000000123456")
    world.advance(5)
    failed = world.get(f"/v1/payment_intents/{intent['id']}")
    assert (failed["status"], failed["amount_received"]) == ("requires_payment_method", 0)
    assert failed["last_payment_error"]["code"] == "payment_method_provider_decline"
    assert world.types()[-2:] == ["charge.failed", "payment_intent.payment_failed"]
    assert booked(world) == []


def test_a_disputed_card_is_disputed_at_once(world: World) -> None:
    intent = pay(world, "createDispute")
    assert world.get(f"/v1/charges/{intent['latest_charge']}")["disputed"] is True
    assert len(world.get("/v1/disputes", payment_intent=intent["id"])["data"]) == 1


def test_an_elevated_risk_is_for_review_before_it_is_captured(world: World) -> None:
    intent = pay(world, "riskLevelElevated", capture_method="manual")
    charge = world.get(f"/v1/charges/{intent['latest_charge']}")
    assert charge["outcome"]["type"] == "manual_review"
    assert charge["review"] == intent["review"] == world.get("/v1/reviews")["data"][0]["id"]


def test_a_card_of_another_customer_cannot_pay(world: World) -> None:
    one, other = (world.post("/v1/customers")["id"] for _ in range(2))
    method = world.post("/v1/payment_methods/pm_card_visa/attach", customer=one)["id"]
    assert pay(world, payment_method=method, customer=other).error["param"] == "payment_method"
    assert pay(world, payment_method=method, customer=one)["status"] == "succeeded"


def test_a_payment_keeps_the_card_for_later(world: World) -> None:
    customer = world.post("/v1/customers")["id"]
    intent = pay(world, customer=customer, setup_future_usage="off_session")
    kept = world.get(f"/v1/customers/{customer}/payment_methods")["data"]
    assert [method["id"] for method in kept] == [intent["payment_method"]]


@pytest.mark.parametrize(
    ("params", "code", "param"),
    [
        ({"amount": 0}, "parameter_invalid_integer", "amount"),
        ({"currency": "kwd", "amount": 1001}, "parameter_invalid_integer", "amount"),
        ({"customer": "cus_none"}, "resource_missing", "customer"),
        ({"payment_method": "pm_none"}, "resource_missing", "payment_method"),
        ({"payment_method_types": ["sepa_debit"]}, "payment_intent_incompatible_payment_method", "payment_method"),
    ],
)
def test_what_cannot_be_is_refused(world: World, params: dict[str, Any], code: str, param: str) -> None:
    refused = pay(world, **params)
    assert (refused.status, refused.error["code"], refused.error["param"]) == (400, code, param)
    assert world.get("/v1/payment_intents")["data"] == []


def test_intents_are_searched(world: World) -> None:
    intent = pay(world, metadata={"order": "1"})["id"]
    pay(world, metadata={"order": "2"})
    found = world.get("/v1/payment_intents/search", query="metadata['order']:'1' AND status:'succeeded'")
    assert [doc["id"] for doc in found["data"]] == [intent]


def test_a_bank_transfer_pays_in_parts(world: World) -> None:
    customer = world.post("/v1/customers")["id"]
    intent = world.post(
        "/v1/payment_intents",
        amount=20000,
        currency="jpy",
        customer=customer,
        confirm=True,
        payment_method_types=["customer_balance"],
        payment_method_data={"type": "customer_balance"},
    )
    assert intent["status"] == "requires_action"
    path = f"/v1/test_helpers/customers/{customer}/fund_cash_balance"
    world.post(path, amount=5000, currency="jpy")
    waiting = world.get(f"/v1/payment_intents/{intent['id']}")["next_action"]
    assert waiting["display_bank_transfer_instructions"]["amount_remaining"] == 15000
    assert world.types()[-1] == "payment_intent.partially_funded"
    world.post(path, amount=16000, currency="jpy")
    assert world.get(f"/v1/payment_intents/{intent['id']}")["amount_received"] == 20000
    assert world.get(f"/v1/customers/{customer}/cash_balance")["available"] == {"jpy": 1000}
    assert world.types()[-1] == "cash_balance.funds_available"


def booked(world: World) -> list[dict[str, Any]]:
    """Oldest first."""
    return list(reversed(world.get("/v1/balance_transactions")["data"]))
