"""Refunds: their statuses, what they do to the charge, and the books in between."""

from typing import Any

import pytest

from tests.simulator.worlds import Answer, World

DAY = 24 * 3600


def paid(world: World, card: str = "visa", amount: int = 2000, **params: Any) -> str:
    """A charge that succeeded."""
    order = {"amount": amount, "currency": "eur", "confirm": True, "payment_method": f"pm_card_{card}"}
    return str(world.post("/v1/payment_intents", **order | params)["latest_charge"])


def statuses(world: World, refund: str) -> list[str]:
    """Of the refund in each of its events."""
    events = [event for event in world.events() if event["data"]["object"].get("id") == refund]
    return [f"{event['type']} {event['data']['object']['status']}" for event in events]


def available(world: World) -> int:
    return int(world.get("/v1/balance")["available"][0]["amount"])


def emptied(world: World, charge: str) -> str:
    """The charge, its money paid out."""
    world.advance(4 * DAY)
    assert available(world) == 0
    return charge


def test_a_refund_succeeds_and_is_booked(world: World) -> None:
    charge = paid(world)
    refund = world.post("/v1/refunds", charge=charge, reason="requested_by_customer", expand=["balance_transaction"])
    assert (refund["status"], refund["amount"]) == ("succeeded", 2000)
    booked = refund["balance_transaction"]
    assert (booked["type"], booked["amount"], booked["fee"], booked["source"]) == ("refund", -2000, 0, refund["id"])
    shown = world.get(f"/v1/charges/{charge}", expand=["refunds"])
    assert (shown["refunded"], shown["amount_refunded"], shown["status"]) == (True, 2000, "succeeded")
    assert [item["id"] for item in shown["refunds"]["data"]] == [refund["id"]]
    assert world.types()[-2:] == ["refund.created", "charge.refunded"]


def test_partial_refunds_add_up_to_the_charge_at_most(world: World) -> None:
    charge = paid(world)
    world.post("/v1/refunds", charge=charge, amount=1500)
    assert world.get(f"/v1/charges/{charge}")["refunded"] is False
    too_much = world.post("/v1/refunds", charge=charge, amount=501)
    assert (too_much.status, too_much.error["param"], too_much.error.get("code")) == (400, "amount", None)
    assert "(5.01 EUR) is greater than unrefunded amount on charge (5.00 EUR)" in too_much.error["message"]
    assert world.post("/v1/refunds", charge=charge)["amount"] == 500
    assert world.post("/v1/refunds", charge=charge).error["code"] == "charge_already_refunded"
    assert len(world.get("/v1/refunds", charge=charge)["data"]) == 2


def test_a_refund_is_bound_to_the_money_of_its_charge_while_that_is_pending(world: World) -> None:
    charge = paid(world)
    refund = world.post("/v1/refunds", charge=charge, expand=["balance_transaction", "charge.balance_transaction"])
    own = refund["charge"]["balance_transaction"]
    assert refund["balance_transaction"]["available_on"] == own["available_on"]
    assert available(world) == 0


def test_a_refund_waits_until_the_balance_pays_for_it(world: World) -> None:
    charge = emptied(world, paid(world))
    refund = world.post("/v1/refunds", charge=charge)
    assert (refund["status"], refund["pending_reason"]) == ("pending", "insufficient_funds")
    assert refund["balance_transaction"] is None
    assert world.get(f"/v1/charges/{charge}")["refunded"] is True
    paid(world, "bypassPending", 5000)
    world.advance(5 * 3600)
    done = world.get(f"/v1/refunds/{refund['id']}")
    assert (done["status"], "pending_reason" in done.body) == ("succeeded", False)
    wanted = ["refund.created pending", "refund.updated succeeded", "charge.refund.updated succeeded"]
    assert statuses(world, refund["id"]) == wanted


def test_a_refund_that_nothing_pays_for_fails_in_the_end(world: World) -> None:
    charge = emptied(world, paid(world))
    refund = world.post("/v1/refunds", charge=charge)["id"]
    world.advance(31 * DAY)
    failed = world.get(f"/v1/refunds/{refund}")
    assert (failed["status"], failed["failure_reason"]) == ("failed", "insufficient_funds")
    assert "failure_balance_transaction" not in failed.body
    assert world.get(f"/v1/charges/{charge}")["amount_refunded"] == 0


def test_the_card_of_pending_refunds(world: World) -> None:
    refund = world.post("/v1/refunds", charge=paid(world, "pendingRefund"))
    assert (refund["status"], refund["pending_reason"]) == ("pending", "processing")
    world.advance(60)
    wanted = ["refund.created pending", "refund.updated succeeded", "charge.refund.updated succeeded"]
    assert statuses(world, refund["id"]) == wanted


def test_a_refund_that_succeeded_fails_later_and_the_money_is_back(world: World) -> None:
    charge = paid(world, "refundFail")
    before = world.get("/v1/balance")["pending"][0]["amount"]
    refund = world.post("/v1/refunds", charge=charge, amount=700)
    assert refund["status"] == "succeeded"
    world.advance(60)
    failed = world.get(f"/v1/refunds/{refund['id']}", expand=["failure_balance_transaction"])
    assert (failed["status"], failed["failure_reason"]) == ("failed", "expired_or_canceled_card")
    back = failed["failure_balance_transaction"]
    assert (back["amount"], back["type"], back["source"]) == (700, "refund_failure", refund["id"])
    total = world.get("/v1/balance")
    assert total["pending"][0]["amount"] + total["available"][0]["amount"] == before
    shown = world.get(f"/v1/charges/{charge}")
    assert (shown["refunded"], shown["amount_refunded"]) == (False, 0)
    assert statuses(world, refund["id"]) == [
        *("refund.created succeeded", "refund.updated failed", "charge.refund.updated failed", "refund.failed failed"),
    ]
    assert world.post("/v1/refunds", charge=charge)["amount"] == 2000


def test_only_a_refund_that_asks_can_be_canceled(world: World) -> None:
    refund = world.post("/v1/refunds", charge=paid(world))["id"]
    assert world.post(f"/v1/refunds/{refund}/cancel").status == 400
    canceled = world.post(f"/v1/test_helpers/refunds/{refund}/cancel")
    assert (canceled["status"], canceled["failure_reason"]) == ("canceled", "merchant_request")
    assert canceled["failure_balance_transaction"].startswith("txn_")
    assert world.post(f"/v1/test_helpers/refunds/{refund}/cancel").status == 400


def transferred(world: World) -> Answer:
    """A refund of a payment by bank transfer: nobody knows where to send it."""
    customer = world.post("/v1/customers")["id"]
    order = {"amount": 900, "currency": "eur", "customer": customer, "confirm": True}
    method = {"payment_method_types": ["customer_balance"], "payment_method_data": {"type": "customer_balance"}}
    intent = world.post("/v1/payment_intents", **order, **method)["id"]
    world.post(f"/v1/test_helpers/customers/{customer}/fund_cash_balance", amount=900, currency="eur")
    return world.post("/v1/refunds", payment_intent=intent, instructions_email="a@b.example")


def test_a_refund_asks_where_to_and_is_canceled(world: World) -> None:
    refund = transferred(world)
    assert refund["status"] == "requires_action"
    assert refund["next_action"]["display_details"]["email_sent"]["email_sent_to"] == "a@b.example"
    canceled = world.post(f"/v1/refunds/{refund['id']}/cancel")
    assert (canceled["status"], canceled["balance_transaction"]) == ("canceled", None)
    assert "next_action" not in canceled.body


def test_a_refund_that_nobody_answers_expires(world: World) -> None:
    refund = world.post(f"/v1/test_helpers/refunds/{transferred(world)['id']}/expire")
    assert (refund["status"], world.types()[-1]) == ("failed", "refund.failed")


def test_the_bank_gives_its_reference_days_later(world: World) -> None:
    charge = paid(world, "bypassPending")
    world.advance(3 * 3600)
    refund = world.post("/v1/refunds", charge=charge, amount=500)
    assert refund["destination_details"]["card"]["reference_status"] == "pending"
    world.advance(5 * DAY)
    card = world.get(f"/v1/refunds/{refund['id']}")["destination_details"]["card"]
    assert (card["reference_status"], len(card["reference"])) == ("available", 23)


def test_a_refund_at_once_takes_the_charge_back(world: World) -> None:
    refund = world.post("/v1/refunds", charge=paid(world))
    assert refund["destination_details"] == {"card": {"type": "reversal"}, "type": "card"}


def test_a_refund_as_fraud_reports_and_blocks_the_payer(world: World) -> None:
    charge = paid(world, receipt_email="thief@b.example")
    world.post("/v1/refunds", charge=charge, reason="fraudulent")
    assert world.get(f"/v1/charges/{charge}")["fraud_details"] == {"user_report": "fraudulent"}
    order = {"amount": 100, "currency": "eur", "confirm": True, "payment_method": "pm_card_visa"}
    again = world.post("/v1/payment_intents", **order)
    assert (again.status, again.error["decline_code"]) == (402, "fraudulent")
    outcome = world.get(f"/v1/charges/{again.error['charge']}")["outcome"]
    assert (outcome["type"], outcome["reason"]) == ("blocked", "rule")


def test_what_was_charged_back_is_not_refunded_too(world: World) -> None:
    refused = world.post("/v1/refunds", charge=paid(world, "createDispute"))
    assert (refused.status, refused.error["code"]) == (400, "charge_disputed")


def test_an_inquiry_leaves_the_charge_refundable(world: World) -> None:
    assert world.post("/v1/refunds", charge=paid(world, "createDisputeInquiry"))["amount"] == 2000


def test_a_debit_is_refunded_once_it_succeeded(world: World) -> None:
    order = {"amount": 800, "currency": "eur", "confirm": True, "payment_method": "pm_successDelayed_de"}
    charge = world.post("/v1/payment_intents", **order)["latest_charge"]
    refund = world.post("/v1/refunds", charge=charge)
    assert (refund["status"], refund["pending_reason"]) == ("pending", "charge_pending")
    world.advance(5 * 3600)
    done = world.get(f"/v1/refunds/{refund['id']}", expand=["balance_transaction"])
    assert (done["status"], done["balance_transaction"]["type"]) == ("succeeded", "payment_refund")


def test_a_refund_of_a_debit_that_failed_is_void(world: World) -> None:
    order = {"amount": 800, "currency": "eur", "confirm": True, "payment_method": "pm_failed_de"}
    charge = world.post("/v1/payment_intents", **order)["latest_charge"]
    refund = world.post("/v1/refunds", charge=charge)["id"]
    world.advance(5 * 3600)
    assert world.get(f"/v1/refunds/{refund}")["status"] == "canceled"
    assert world.get("/v1/balance_transactions")["data"] == []


@pytest.mark.parametrize(
    ("params", "param"),
    [({"charge": "ch_none"}, "charge"), ({"payment_intent": "pi_none"}, "payment_intent"), ({}, None)],
)
def test_a_refund_needs_a_charge(world: World, params: dict[str, str], param: str | None) -> None:
    refused = world.post("/v1/refunds", **params)
    assert (refused.status, refused.error.get("param")) == (400, param)


def test_what_failed_or_is_only_authorised_is_not_refunded(world: World) -> None:
    order = {"amount": 800, "currency": "eur", "confirm": True}
    failed = world.post("/v1/payment_intents", **order, payment_method="pm_card_chargeDeclined").error["charge"]
    assert world.post("/v1/refunds", charge=failed).error["code"] == "charge_not_refundable"
    held = world.post("/v1/payment_intents", **order, payment_method="pm_card_visa", capture_method="manual")["id"]
    assert world.post("/v1/refunds", payment_intent=held).error["code"] == "payment_intent_unexpected_state"


def test_metadata_of_a_refund_is_told_twice(world: World) -> None:
    refund = world.post("/v1/refunds", charge=paid(world))["id"]
    world.post(f"/v1/refunds/{refund}", metadata={"order_id": "6735"})
    assert world.types()[-2:] == ["refund.updated", "charge.refund.updated"]
    assert world.events()[-1]["data"]["previous_attributes"] == {"metadata": {"order_id": None}}


def test_a_part_that_the_currency_does_not_have_is_refused(world: World) -> None:
    charge = paid(world, amount=1500, currency="kwd")
    refused = world.post("/v1/refunds", charge=charge, amount=1001)
    assert (refused.status, refused.error["param"]) == (400, "amount")
    assert world.post("/v1/refunds", charge=charge, amount=1000)["status"] == "succeeded"
