"""Stripe's test cards, paid with through the API: what each causes can be seen at once."""

import json

import pytest

from simulator import journal
from simulator.risk.moving import SOON
from tests.simulator.risk.claims import DAY, disputed, moved, now
from tests.simulator.worlds import Answer, World


def bought(world: World, card: str, **more: object) -> Answer:
    given = {"amount": 1000, "currency": "eur", "payment_method_types": ["card"], "confirm": True} | more
    return world.post("/v1/payment_intents", payment_method=f"pm_card_{card}", **given)


@pytest.mark.parametrize(
    ("card", "disputes"),
    [
        ("createDispute", [("needs_response", "fraudulent", "chargeback", 1000)]),
        ("createDisputeProductNotReceived", [("needs_response", "product_not_received", "chargeback", 1000)]),
        ("createDisputeInquiry", [("warning_needs_response", "fraudulent", "inquiry", 1000)]),
        ("createMultipleDisputes", [("needs_response", "fraudulent", "chargeback", 500)] * 2),
        ("createCe3EligibleDispute", [("needs_response", "fraudulent", "chargeback", 1000)]),
        ("createComplianceDispute", [("needs_response", "noncompliant", "compliance", 1000)]),
        ("createMastercardComplianceDispute", [("needs_response", "noncompliant", "compliance", 1000)]),
        ("createAutoRepresentmentEligibleDispute", [("needs_response", "fraudulent", "chargeback", 1000)]),
    ],
)
def test_a_dispute_is_there_as_soon_as_the_payment(world: World, card: str, disputes: list[tuple[str, ...]]) -> None:
    intent = bought(world, card)
    assert intent["status"] == "succeeded"
    found = world.get("/v1/disputes", payment_intent=intent["id"])["data"]
    assert [
        (doc["status"], doc["reason"], doc["payment_method_details"]["card"]["case_type"], doc["amount"])
        for doc in found
    ] == disputes
    assert world.get(f"/v1/charges/{intent['latest_charge']}")["disputed"] is True
    assert world.types().index("charge.succeeded") < world.types().index("charge.dispute.created")


def test_a_chargeback_allows_no_refund_until_it_is_won(world: World) -> None:
    intent = bought(world, "createDispute")["id"]
    assert world.post("/v1/refunds", payment_intent=intent).error["code"] == "charge_disputed"
    [dispute] = world.get("/v1/disputes", payment_intent=intent)["data"]
    evidence = {"uncategorized_text": "winning_evidence"}
    world.post(f"/v1/disputes/{dispute['id']}", evidence=evidence)
    world.advance(SOON)
    assert world.post("/v1/refunds", payment_intent=intent, amount=1)["status"] in ("pending", "succeeded")


def test_a_full_refund_ends_an_inquiry(world: World) -> None:
    intent = bought(world, "createDisputeInquiry")["id"]
    world.post("/v1/refunds", payment_intent=intent)
    assert world.get("/v1/disputes", payment_intent=intent)["data"][0]["status"] == "warning_closed"


def test_a_refund_as_fraud_ends_the_review_and_blocks_the_card(world: World) -> None:
    intent = bought(world, "riskLevelElevated")
    assert world.get("/v1/reviews")["data"][0]["payment_intent"] == intent["id"]
    world.post("/v1/refunds", payment_intent=intent["id"], reason="fraudulent")
    assert world.get("/v1/reviews")["data"][0]["closed_reason"] == "refunded_as_fraud"
    assert bought(world, "riskLevelElevated").error["code"] == "card_declined"
    outcome = world.get("/v1/charges", limit=1)["data"][0]["outcome"]
    assert (outcome["type"], outcome["network_status"], outcome["rule"]) == (
        "blocked",
        "not_sent_to_network",
        "block_if_in_card_fingerprint_blocklist",
    )


def test_a_review_does_not_wait_for_the_capture(world: World) -> None:
    intent = bought(world, "riskLevelElevated", capture_method="manual")["id"]
    [review] = world.get("/v1/reviews")["data"]
    assert review["open"] is True
    world.post(f"/v1/reviews/{review['id']}/approve")
    assert world.get(f"/v1/payment_intents/{intent}")["status"] == "requires_capture"
    world.post(f"/v1/payment_intents/{intent}/capture")
    assert len(world.get("/v1/reviews")["data"]) == 1


def test_to_cancel_closes_the_review(world: World) -> None:
    intent = bought(world, "riskLevelElevated", capture_method="manual")["id"]
    world.post(f"/v1/payment_intents/{intent}/cancel")
    assert world.get("/v1/reviews")["data"][0]["closed_reason"] == "canceled"


def test_an_issuers_warning_ends_with_a_full_refund(world: World) -> None:
    intent = bought(world, "createIssuerFraudRecord")["id"]
    [warning] = world.get("/v1/radar/early_fraud_warnings", payment_intent=intent)["data"]
    assert warning["actionable"] is True
    world.post("/v1/refunds", payment_intent=intent)
    assert world.get(f"/v1/radar/early_fraud_warnings/{warning['id']}")["actionable"] is False


def test_the_journal_shows_the_dispute_with_the_payment(world: World) -> None:
    bought(world, "createDispute")
    [line] = [json.loads(line) for line in journal.lines(world.engine.store)]
    assert [(note["object"], note["amount"]) for note in line["effect"][-2:]] == [
        ("balance_transaction", -1000),
        ("dispute", 1000),
    ]


def test_a_refund_that_came_back_can_be_made_again(world: World) -> None:
    intent = bought(world, "refundFail")
    dispute = disputed(world, {"id": intent["latest_charge"]})
    moved(world, dispute, "won")
    world.post("/v1/refunds", payment_intent=intent["id"])
    assert now(world, dispute)["is_charge_refundable"] is False
    world.advance(DAY)
    assert world.get("/v1/refunds")["data"][0]["status"] == "failed"
    assert now(world, dispute)["is_charge_refundable"] is True
    assert world.post("/v1/refunds", payment_intent=intent["id"], amount=10).status == 200
