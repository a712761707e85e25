"""Where an attempt leaves its payment intent."""

from simulator.call import Call
from simulator.instruments.declines import Decline
from simulator.payments import charging
from simulator.payments.settling import settle
from simulator.protocol.errors import StripeError
from simulator.store import Doc


def unexpected(intent: Doc, verb: str, statuses: tuple[str, ...]) -> StripeError:
    """The intent is in no state for this; ``verb`` goes without its `ed`."""
    message = (
        f"This PaymentIntent could not be {verb}ed because it has a status of {intent['status']}. "
        f"Only a PaymentIntent with one of the following statuses may be {verb}ed: {', '.join(statuses)}."
    )
    return StripeError(message, code="payment_intent_unexpected_state", payment_intent=intent)


def succeeded(call: Call, intent: Doc, charge: Doc) -> None:
    """The money is there."""
    intent |= {"status": "succeeded", "amount_capturable": 0, "amount_received": charge["amount_captured"]}
    call.save("payment_intent", intent, "payment_intent.succeeded")
    if charge["balance_transaction"] is None:
        settle(call, charge)
        call.save("charge", charge, "charge.updated")
    charging.consequences(call, charge)


def failed(call: Call, intent: Doc, method: Doc, decline: Decline, charge: Doc | None) -> Doc:
    """The attempt came to nothing; another payment method may be tried."""
    error = {
        "advice_code": decline.advice,
        "charge": charge["id"] if charge else None,
        "code": decline.code,
        "decline_code": decline.decline_code,
        "doc_url": f"https://docs.stripe.com/error-codes/{decline.code.replace('_', '-')}",
        "message": decline.message,
        "network_decline_code": decline.network,
        "payment_method": method,
        "type": "card_error",
    }
    said = {name: value for name, value in error.items() if value is not None}
    intent |= {"last_payment_error": said, "next_action": None}
    intent |= {"payment_method": None, "status": "requires_payment_method"}
    return call.save("payment_intent", intent, "payment_intent.payment_failed")
