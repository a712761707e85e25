"""What test cards cause, and what refunds and cancellations mean for disputes, warnings and reviews."""

from simulator.call import Call
from simulator.effects import effect
from simulator.risk import early_warnings, reviewing, value_lists
from simulator.risk.moving import move
from simulator.risk.opening import Claim, open_dispute
from simulator.risk.states import ENDED, is_harmless, is_inquiry, refundable
from simulator.store import Doc

CLAIMS = {
    "dispute.fraudulent": Claim(),
    "dispute.product_not_received": Claim(reason="product_not_received"),
    "dispute.inquiry": Claim(case_type="inquiry"),
    "dispute.ce3_eligible": Claim(network_reason_code="10.4", any_history=True),
    "dispute.compliance": Claim(reason="noncompliant", case_type="compliance"),
    "dispute.mastercard_compliance": Claim(reason="noncompliant", case_type="compliance"),
    "dispute.auto_representment": Claim(intended_submission_method="prefer_smart_disputes"),
}


def _register(name: str, claim: Claim) -> None:
    @effect(name)
    def happen(call: Call, charge: Doc) -> None:
        open_dispute(call, call.get("charge", charge["id"]), claim)


for _name, _claim in CLAIMS.items():
    _register(_name, _claim)


@effect("dispute.multiple")
def dispute_twice(call: Call, charge: Doc) -> None:
    """Two disputes about two parts of the charge."""
    captured = charge["amount_captured"]
    for amount in (captured - captured // 2, captured // 2):
        if amount:
            open_dispute(call, call.get("charge", charge["id"]), Claim(amount=amount))


@effect("warning")
def warn(call: Call, charge: Doc, fraud_type: str = "misc") -> None:
    early_warnings.warn(call, call.get("charge", charge["id"]), fraud_type)


@effect("review")
def review(call: Call, charge: Doc) -> None:
    reviewing.open_review(call, call.get("charge", charge["id"]))


@effect("refund")
def refunded(call: Call, charge: Doc, reason: str | None = None) -> None:
    """To be told after each refund, and when one came back, with the charge as it is then."""
    if reason == "fraudulent":
        value_lists.block_payer(call, charge)
    early_warnings.settle(call, charge["id"])
    if charge["refunded"]:
        reviewing.close(call, charge["id"], "refunded_as_fraud" if reason == "fraudulent" else "refunded")
    for dispute in reversed(call.all("dispute", charge=charge["id"])):
        if is_inquiry(dispute["status"]) and dispute["status"] not in ENDED and charge["refunded"]:
            move(call, dispute, "warning_closed")
        else:
            dispute["is_charge_refundable"] = refundable(dispute, charge)
            call.save("dispute", dispute, "charge.dispute.updated")


@effect("cancellation")
def canceled(call: Call, charge: Doc) -> None:
    """To be told when an authorisation is given up."""
    reviewing.close(call, charge["id"], "canceled")


def can_refund(call: Call, charge: Doc) -> bool:
    """No refund beside a chargeback that is open or lost."""
    return all(is_harmless(dispute["status"]) for dispute in call.all("dispute", charge=charge["id"]))
