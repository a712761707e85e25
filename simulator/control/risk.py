"""What banks and customers do, on the control door: disputes, warnings, reviews."""

from typing import Any

from simulator.call import Call
from simulator.control.acts import Act, one_of
from simulator.protocol.errors import StripeError
from simulator.risk import early_warnings, networks, reviewing
from simulator.risk.moving import move
from simulator.risk.opening import CASE_TYPES, Claim, open_dispute
from simulator.store import Doc


def dispute(call: Call, charge: str, **claim: Any) -> Doc:
    """{"charge", and any field of opening.Claim}."""
    given = Claim(**claim)
    one_of("reason", given.reason, networks.REASONS)
    one_of("case_type", given.case_type, CASE_TYPES)
    if given.amount is not None and given.amount < 1:
        raise StripeError("A dispute is about at least 1.", param="amount")
    return open_dispute(call, call.get("charge", charge, param="charge"), given)


def move_dispute(call: Call, dispute: str, status: str) -> Doc:
    """{"status": the next one}: the bank decides, the inquiry becomes a chargeback, the issuer gives in late."""
    return move(call, call.get("dispute", dispute), status)


def warn(call: Call, charge: str, fraud_type: str = "misc") -> Doc:
    """{"charge", "fraud_type"}."""
    one_of("fraud_type", fraud_type, early_warnings.FRAUD_TYPES)
    return early_warnings.warn(call, call.get("charge", charge, param="charge"), fraud_type)


def review(call: Call, charge: str, opened_reason: str = "manual") -> Doc:
    """{"charge", "opened_reason": "manual" or "rule"}."""
    one_of("opened_reason", opened_reason, ("manual", "rule"))
    return reviewing.open_review(call, call.get("charge", charge, param="charge"), opened_reason)


def close_review(call: Call, review: str, closed_reason: str) -> Doc:
    """{"closed_reason"}."""
    one_of("closed_reason", closed_reason, reviewing.CLOSED_REASONS)
    return reviewing.shut(call, call.get("review", review), closed_reason)


ACTS: dict[str, Act] = {
    "/disputes": dispute,
    "/disputes/{dispute}/move": move_dispute,
    "/warnings": warn,
    "/reviews": review,
    "/reviews/{review}/close": close_review,
}
