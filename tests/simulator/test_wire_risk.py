"""Disputes over the wire: the control door makes and moves them, Stripe's package answers them."""

from io import BytesIO

from tests.simulator.processes import Receiver, Simulator


def test_a_dispute_is_made_answered_and_won(simulator: Simulator, receiver: Receiver) -> None:
    key = "sk_test_disputed"
    client = simulator.client(key)
    client.v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["*"]})
    account = simulator.control("GET", f"/account?key={key}")["account"]
    intent = client.v1.payment_intents.create(
        {
            "amount": 1000,
            "currency": "eur",
            "payment_method": "pm_card_visa",
            "payment_method_types": ["card"],
            "confirm": True,
        }
    )
    made = simulator.control(
        "POST", "/disputes", account=account, charge=intent.latest_charge, reason="duplicate", amount=1200
    )
    [dispute] = client.v1.disputes.list({"payment_intent": intent.id}).data
    assert (dispute.id, dispute.amount, dispute.status) == (made["id"], 1200, "needs_response")
    receipt = BytesIO(b"%PDF-1.4")
    receipt.name = "receipt.pdf"
    file = client.v1.files.create({"purpose": "dispute_evidence", "file": receipt})
    answered = client.v1.disputes.update(dispute.id, {"evidence": {"receipt": file.id}})
    assert (answered.status, answered.evidence.receipt) == ("under_review", file.id)
    won = simulator.control("POST", f"/disputes/{dispute.id}/move", account=account, status="won")
    assert won["balance_transactions"][1]["amount"] == 1200
    simulator.control("POST", "/deliveries/settle")
    types = [delivered.event["type"] for delivered in receiver.received]
    # Which is delivered first, nobody promises.
    assert {name.removeprefix("charge.dispute.") for name in types if name.startswith("charge.dispute")} == {
        *("created", "funds_withdrawn", "updated", "closed", "funds_reinstated"),
    }
