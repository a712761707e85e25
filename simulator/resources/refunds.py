"""Refunds: made, listed, annotated, and what happens to them late."""

from simulator.call import Call
from simulator.endpoints import endpoint
from simulator.events.due import timer
from simulator.kinds import declare, nulls
from simulator.money.sharing import take_back
from simulator.payments import refunding
from simulator.payments.refunding import issue
from simulator.protocol.errors import StripeError
from simulator.store import Doc

__all__ = ["issue"]
_SHARES = {"transfer": "reverse_transfer", "fee": "refund_application_fee"}

declare(
    "refund",
    livemode=False,
    prefix="re",
    url="/v1/refunds",
    links=("charge", "payment_intent", "status"),
    template={"amount": 0, "metadata": {}, "status": "pending"}
    | nulls("balance_transaction charge created currency customer customer_account destination_details")
    | nulls("payment_intent payment_method reason receipt_number source_transfer_reversal transfer_reversal"),
    money=True,
)


@endpoint("POST", "/v1/refunds", money=True)
def create(call: Call) -> Doc:
    given = call.params
    charge = _charge(call)
    left = charge["amount"] - charge["amount_refunded"]
    if not charge["captured"] and charge["status"] == "succeeded" and left:
        return _voided(call, charge, given.get("amount", left))
    refund = issue(
        call,
        charge,
        amount=given.get("amount", left),
        reason=given.get("reason"),
        metadata=given.get("metadata") or {},
        instructions_email=given.get("instructions_email"),
    )
    wanted = {name: given.get(param, False) for name, param in _SHARES.items()}
    return take_back(call, call.get("charge", charge["id"]), refund, **wanted)


@endpoint("GET", "/v1/refunds/{refund}")
def retrieve(call: Call, refund: str) -> Doc:
    return call.get("refund", refund)


@endpoint("POST", "/v1/refunds/{refund}")
def update(call: Call, refund: str) -> Doc:
    return refunding.tell(call, call.update(call.get("refund", refund)))


@endpoint("GET", "/v1/refunds")
def list_(call: Call) -> Doc:
    return call.page("refund", "charge", "payment_intent")


@endpoint("POST", "/v1/refunds/{refund}/cancel", money=True)
def cancel(call: Call, refund: str) -> Doc:
    doc = call.get("refund", refund)
    if doc["status"] != "requires_action":
        raise StripeError(f"Refund {refund} cannot be canceled: its status is {doc['status']}.")
    return refunding.end(call, doc, "canceled", "merchant_request")


@endpoint("POST", "/v1/test_helpers/refunds/{refund}/expire", money=True)
def expire(call: Call, refund: str) -> Doc:
    doc = call.get("refund", refund)
    if doc["status"] != "requires_action":
        raise StripeError(f"Refund {refund} waits for no one.")
    return refunding.end(call, doc, "failed", "unknown")


@endpoint("POST", "/v1/test_helpers/refunds/{refund}/cancel", money=True, params={"expand": {"list": "string"}})
def cancel_in_dashboard(call: Call, refund: str) -> Doc:
    """Refunds to cards are canceled in the dashboard only; this is its button."""
    doc = call.get("refund", refund)
    if doc["status"] in ("canceled", "failed"):
        raise StripeError(f"Refund {refund} is over.")
    return refunding.end(call, doc, "canceled", "merchant_request")


@endpoint(
    "POST",
    "/v1/test_helpers/refunds/{refund}/fail",
    money=True,
    params={"reason": ["lost_or_stolen_card", "expired_or_canceled_card", "declined", "unknown"]},
)
def fail_at_bank(call: Call, refund: str) -> Doc:
    """The bank sends the money back, as it may for up to 30 days; Stripe has a test card for it only."""
    doc = call.get("refund", refund)
    if doc["status"] in ("canceled", "failed"):
        raise StripeError(f"Refund {refund} is over.")
    return refunding.end(call, doc, "failed", call.params.get("reason", "expired_or_canceled_card"))


@timer("refund.retries", money=True)
def retries(call: Call, refund: str) -> None:
    refunding.retry(call, call.get("refund", refund))


@timer("refund.succeeds", money=True)
def succeeds(call: Call, refund: str) -> None:
    refunding.succeed(call, call.get("refund", refund))


@timer("refund.fails", money=True)
def fails(call: Call, refund: str) -> None:
    refunding.end(call, call.get("refund", refund), "failed", "expired_or_canceled_card")


@timer("refund.is_referenced")
def is_referenced(call: Call, refund: str) -> None:
    """The bank's reference, by which a customer can ask for the money."""
    doc = call.get("refund", refund)
    number = f"7{call.chance.below('reference', 10**22):022}"
    card = doc["destination_details"]["card"] | {"reference": number, "reference_status": "available"}
    refunding.tell(call, doc | {"destination_details": {"card": card, "type": "card"}})


def _charge(call: Call) -> Doc:
    given = call.params
    if given.get("charge"):
        return call.get("charge", given["charge"], param="charge")
    if not given.get("payment_intent"):
        message = "One of the following params should be provided for this request: payment_intent or charge."
        raise StripeError(message)
    intent = call.get("payment_intent", given["payment_intent"], param="payment_intent")
    charge = call.find("charge", intent["latest_charge"] or "")
    if charge is None or charge["status"] == "failed":
        message = f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund."
        raise StripeError(message, param="payment_intent")
    if not charge["captured"]:
        message = f"This PaymentIntent ({intent['id']}) is not captured: cancel it."
        raise StripeError(message, code="payment_intent_unexpected_state", param="payment_intent")
    return charge


def _voided(call: Call, charge: Doc, amount: int) -> Doc:
    """A charge of the old way that was not captured is released as a whole."""
    if charge["payment_intent"] is not None or amount != charge["amount"]:
        message = "What is not captured is canceled, or released as a whole."
        raise StripeError(message, code="charge_not_refundable", param="amount")
    given = call.params
    return refunding.release(call, charge, amount, reason=given.get("reason"), metadata=given.get("metadata"))
