"""Reviews: a rule or a person wants somebody to look at a payment."""

from simulator.call import Call
from simulator.protocol.errors import StripeError
from simulator.store import Doc

CLOSED_REASONS = (
    *("acknowledged", "approved", "canceled", "disputed", "payment_never_settled", "redacted", "refunded"),
    "refunded_as_fraud",
)


def open_review(call: Call, charge: Doc, opened_reason: str = "rule") -> Doc:
    """Open a review; the payment names it from now on. StripeError: it has an open one."""
    if any(review["open"] for review in call.all("review", charge=charge["id"])):
        raise StripeError(f"{charge['id']} has an open review already.", param="charge")
    address = charge["billing_details"]["address"] or {}
    review = call.new(
        "review",
        billing_zip=address.get("postal_code"),
        charge=charge["id"],
        opened_reason=opened_reason,
        reason=opened_reason,
    )
    call.save("charge", charge | {"review": review["id"]})
    if charge["payment_intent"]:
        review["payment_intent"] = charge["payment_intent"]
        intent = call.get("payment_intent", charge["payment_intent"])
        call.save("payment_intent", intent | {"review": review["id"]})
    return call.add("review", review, "review.opened")


def close(call: Call, charge: str, reason: str) -> None:
    """Close the open review of a charge, if it has one."""
    for review in call.all("review", charge=charge):
        if review["open"]:
            shut(call, review, reason)


def shut(call: Call, review: Doc, reason: str) -> Doc:
    """StripeError: it is closed."""
    if not review["open"]:
        raise StripeError(f"The review {review['id']} is closed already.", param="review")
    return call.save("review", review | {"open": False, "closed_reason": reason, "reason": reason}, "review.closed")
