"""Charges made directly, as before payment intents, and what charges show."""

from tests.simulator.worlds import World


def test_a_token_is_charged(world: World) -> None:
    charge = world.post("/v1/charges", amount=900, currency="usd", source="tok_visa", description="Tea")
    assert (charge["status"], charge["payment_intent"], charge["source"]["brand"]) == ("succeeded", None, "Visa")
    assert charge["balance_transaction"].startswith("txn_")
    assert world.types() == ["charge.succeeded"]


def test_a_declined_token_leaves_a_failed_charge(world: World) -> None:
    refused = world.post("/v1/charges", amount=900, currency="usd", source="tok_chargeDeclined")
    assert (refused.status, refused.error["code"]) == (402, "card_declined")
    assert world.get(f"/v1/charges/{refused.error['charge']}")["failure_code"] == "card_declined"


def test_a_customer_is_charged_by_the_default_card(world: World) -> None:
    customer = world.post("/v1/customers", source="tok_visa")
    charge = world.post("/v1/charges", amount=900, currency="usd", customer=customer["id"])
    assert charge["payment_method"] == customer["default_source"]
    empty = world.post("/v1/customers")["id"]
    assert world.post("/v1/charges", amount=900, currency="usd", customer=empty).status == 402
    assert world.post("/v1/charges", amount=900, currency="usd").error["param"] == "source"


def test_a_charge_is_authorised_and_captured(world: World) -> None:
    charge = world.post("/v1/charges", amount=900, currency="usd", source="tok_visa", capture=False)
    assert (charge["captured"], charge["balance_transaction"]) == (False, None)
    path = f"/v1/charges/{charge['id']}/capture"
    assert world.post(path, amount=901).error["code"] == "amount_too_large"
    done = world.post(path, amount=600)
    assert (done["captured"], done["amount_captured"], done["amount_refunded"]) == (True, 600, 300)
    assert world.post(path).error["code"] == "charge_already_captured"


def test_an_authorisation_is_voided_by_a_refund(world: World) -> None:
    charge = world.post("/v1/charges", amount=900, currency="usd", source="tok_visa", capture=False)["id"]
    assert world.post("/v1/refunds", charge=charge, amount=100).error["code"] == "charge_not_refundable"
    refund = world.post("/v1/refunds", charge=charge)
    assert (refund["status"], refund["balance_transaction"]) == ("succeeded", None)
    assert world.post(f"/v1/charges/{charge}/capture").error["code"] == "charge_expired_for_capture"
    assert world.get("/v1/balance_transactions")["data"] == []


def test_a_void_carries_what_it_was_given(world: World) -> None:
    charge = world.post("/v1/charges", amount=900, currency="usd", source="tok_visa", capture=False)["id"]
    refund = world.post("/v1/refunds", charge=charge, reason="fraudulent", metadata={"case": "7"})
    assert (refund["reason"], refund["metadata"]) == ("fraudulent", {"case": "7"})
    assert world.get(f"/v1/charges/{charge}")["fraud_details"] == {"user_report": "fraudulent"}


def test_an_authorisation_that_nobody_captures_expires(world: World) -> None:
    charge = world.post("/v1/charges", amount=900, currency="usd", source="tok_visa", capture=False)["id"]
    captured = world.post("/v1/charges", amount=900, currency="usd", source="tok_visa", capture=False)["id"]
    world.post(f"/v1/charges/{captured}/capture")
    world.advance(7 * 24 * 3600)
    assert world.types()[-3:] == ["refund.created", "charge.refunded", "charge.expired"]
    [refund] = world.get("/v1/refunds")["data"]
    assert (refund["charge"], refund["reason"]) == (charge, "expired_uncaptured_charge")
    assert world.post(f"/v1/charges/{charge}/capture").error["code"] == "charge_expired_for_capture"


def test_a_charge_of_an_intent_is_not_captured_past_it(world: World) -> None:
    order = {"amount": 900, "currency": "eur", "confirm": True, "capture_method": "manual"}
    charge = world.post("/v1/payment_intents", **order, payment_method="pm_card_visa")["latest_charge"]
    assert world.post(f"/v1/charges/{charge}/capture").error["param"] == "charge"


def test_a_charge_is_annotated(world: World) -> None:
    charge = world.post("/v1/charges", amount=900, currency="usd", source="tok_visa")["id"]
    world.post(f"/v1/charges/{charge}", description="Tea", metadata={"a": "b"}, fraud_details={"user_report": "safe"})
    event = world.events()[-1]
    assert event["type"] == "charge.updated"
    assert set(event["data"]["previous_attributes"]) == {"description", "metadata", "fraud_details"}


def test_charges_are_listed_by_what_they_belong_to(world: World) -> None:
    customer = world.post("/v1/customers", source="tok_visa")["id"]
    mine = world.post("/v1/charges", amount=900, currency="usd", customer=customer, transfer_group="G")["id"]
    world.post("/v1/charges", amount=900, currency="usd", source="tok_visa")
    for by in ({"customer": customer}, {"transfer_group": "G"}):
        assert [doc["id"] for doc in world.get("/v1/charges", **by)["data"]] == [mine]
    query = "payment_method_details.card.last4:4242 AND transfer_group:'G'"
    assert world.get("/v1/charges/search", query=query).error["param"] == "query"
    found = world.get("/v1/charges/search", query=f"customer:'{customer}' AND amount>100")["data"]
    assert [doc["id"] for doc in found] == [mine]


def test_checks_that_fail_are_shown(world: World) -> None:
    charge = world.post("/v1/charges", amount=900, currency="usd", source="tok_cvcCheckFail")
    assert charge["payment_method_details"]["card"]["checks"]["cvc_check"] == "fail"
