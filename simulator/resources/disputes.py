"""Disputes: seen, answered once, accepted. They begin and end elsewhere, with the customer's bank."""

from simulator.call import Call
from simulator.endpoints import endpoint
from simulator.kinds import declare, nulls
from simulator.protocol.errors import StripeError
from simulator.risk import evidence, happenings  # noqa: F401  happenings registers what test cards cause
from simulator.risk.moving import move, submit
from simulator.risk.states import ANSWERED
from simulator.store import Doc

declare(
    "dispute",
    prefix="du",
    url="/v1/disputes",
    links=("charge", "payment_intent"),
    template={
        "amount": 0,
        "balance_transactions": [],
        "enhanced_eligibility_types": [],
        "evidence": evidence.blank(),
        "evidence_details": {
            "due_by": 0,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "is_charge_refundable": False,
        "metadata": {},
    }
    | nulls("charge created currency intended_submission_method payment_intent reason status"),
    money=True,
)


@endpoint("GET", "/v1/disputes/{dispute}")
def retrieve(call: Call, name: str) -> Doc:
    return call.get("dispute", name)


@endpoint("GET", "/v1/disputes")
def list_(call: Call) -> Doc:
    return call.page("dispute", "charge", "payment_intent")


@endpoint("POST", "/v1/disputes/{dispute}", money=True)
def update(call: Call, name: str) -> Doc:
    """Unless told not to, whatever touches the evidence submits all of it."""
    dispute = call.update(call.get("dispute", name), "intended_submission_method")
    given = call.params.get("evidence")
    wants = call.params.get("submit", given is not None)
    if given is not None or wants:
        _check_open(dispute)
    if given is not None:
        evidence.stage(call, dispute, given)
    return submit(call, dispute) if wants else call.save("dispute", dispute, "charge.dispute.updated")


@endpoint("POST", "/v1/disputes/{dispute}/close", money=True)
def close(call: Call, name: str) -> Doc:
    """Accept it, for ever."""
    dispute = call.get("dispute", name)
    _check_open(dispute)
    return move(call, dispute, "lost")


def _check_open(dispute: Doc) -> None:
    if dispute["status"] not in ANSWERED:
        message = f"The dispute {dispute['id']} takes no answer: its status is {dispute['status']}."
        raise StripeError(message, param="dispute")
