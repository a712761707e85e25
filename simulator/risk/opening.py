"""A dispute begins: its customer went to the bank."""

from dataclasses import dataclass, field

from simulator.call import Call
from simulator.protocol.errors import StripeError
from simulator.risk import early_warnings, enhanced, networks, reviewing
from simulator.risk.moving import deadline, expect, settle
from simulator.risk.plans import Plan, keep
from simulator.risk.states import refundable
from simulator.store import Doc

# Of other kinds there is a case, but never a chargeback.
_PREVENTED = ("block", "resolution")
CASE_TYPES = ("chargeback", "compliance", "inquiry", *_PREVENTED)


@dataclass(frozen=True, slots=True)
class Claim:
    """What the customer says. ``outcomes``: what the bank will decide, in turn; drawn without them."""

    reason: str = "fraudulent"
    # In the charge's currency; None: all that was captured. More is possible, as exchange rates change.
    amount: int | None = None
    case_type: str = "chargeback"
    network_reason_code: str | None = None
    # False: lost from the beginning.
    contestable: bool = True
    days_to_respond: int | None = None
    outcomes: list[str] = field(default_factory=list)
    any_history: bool = False
    intended_submission_method: str | None = None


def open_dispute(call: Call, charge: Doc, claim: Claim) -> Doc:
    """Open a dispute on a charge that was paid, with all that follows from it."""
    if not charge["captured"] or charge["status"] != "succeeded":
        raise StripeError(f"{charge['id']} was never paid.", param="charge")
    dispute = _described(call, charge, claim)
    keep(call, dispute["id"], Plan(claim.outcomes, claim.any_history))
    enhanced.begin(call, dispute, charge)
    call.save("charge", charge | {"disputed": True})
    takes = dispute["status"] in ("needs_response", "lost")
    moved = settle(call, dispute, -dispute["amount"] if takes else None)
    call.add("dispute", dispute, "charge.dispute.created")
    if moved:
        call.emit(moved, dispute)
    if dispute["status"] == "lost":
        call.emit("charge.dispute.closed", dispute)
    expect(call, dispute)
    early_warnings.settle(call, charge["id"])
    reviewing.close(call, charge["id"], "disputed")
    return dispute


def _described(call: Call, charge: Doc, claim: Claim) -> Doc:
    network = networks.network_of(charge)
    code = claim.network_reason_code or networks.code(call, network, claim.reason, claim.case_type)
    details = networks.details(charge, claim.case_type, code)
    status = _first_status(claim, can_answer=details is not None and network != networks.UNCONTESTED)
    dispute = call.new(
        "dispute",
        amount=charge["amount_captured"] if claim.amount is None else claim.amount,
        charge=charge["id"],
        currency=charge["currency"],
        enhanced_eligibility_types=enhanced.types(details),
        intended_submission_method=claim.intended_submission_method,
        payment_intent=charge["payment_intent"],
        reason=claim.reason,
        status=status,
    )
    if details:
        dispute["payment_method_details"] = details
    dispute["is_charge_refundable"] = refundable(dispute, charge)
    if status.endswith("needs_response"):
        dispute["evidence_details"]["due_by"] = deadline(call, claim.days_to_respond)
    return dispute


def _first_status(claim: Claim, *, can_answer: bool) -> str:
    if claim.case_type in _PREVENTED:
        return "prevented"
    if claim.case_type == "inquiry":
        return "warning_needs_response"
    return "needs_response" if claim.contestable and can_answer else "lost"
