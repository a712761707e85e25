"""Confirming a payment intent: one attempt to be paid, and where it leads."""

from typing import Any

from simulator.call import Call
from simulator.instruments import methods
from simulator.instruments.declines import DECLINES, Decline
from simulator.instruments.methods import bank_behind, card_behind, type_of
from simulator.money.balance import DAY
from simulator.payments import charging, mandates, outcomes
from simulator.payments.banktransfers import ask_for_transfer
from simulator.payments.charging import Order
from simulator.payments.keeping import attach
from simulator.protocol.errors import StripeError, declined
from simulator.store import Doc

AUTHORISED_FOR = 7 * DAY
CONFIRMABLE = ("requires_payment_method", "requires_confirmation", "requires_action")
_NO_METHOD = (
    "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the "
    "PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment "
    "method or ConfirmationToken."
)


def confirm(call: Call, intent: Doc, given: dict[str, Any]) -> Doc:
    """Attempt to be paid. A declined card raises, and what was done stays."""
    if intent["status"] not in CONFIRMABLE:
        raise outcomes.unexpected(intent, "confirm", CONFIRMABLE)
    method = method_for(call, intent, given)
    _check_redirects(intent, given)
    intent |= {"last_payment_error": None, "next_action": None, "payment_method": method["id"]}
    if type_of(method) == "customer_balance":
        return ask_for_transfer(call, intent)
    if type_of(method) != "card":
        return _charged(call, intent, method, mandate=mandates.make(call, method, given.get("mandate_data"))["id"])
    if _needs_authentication(call, intent, method):
        if given.get("off_session"):
            return _charged(call, intent, method, refused=DECLINES["authentication_required"])
        return _ask_to_authenticate(call, intent, method, given)
    return _charged(call, intent, method)


def authenticated(call: Call, intent: Doc) -> Doc:
    """The customer has proved who they are."""
    intent["next_action"] = None
    if intent["confirmation_method"] == "manual":
        call.store.put_content(call.account, f"{intent['id']}:authenticated", "", b"")
        return call.save("payment_intent", intent | {"status": "requires_confirmation"})
    method = methods.resolve(call, intent["payment_method"])
    return _charged(call, intent, method, proven=True)


def not_authenticated(call: Call, intent: Doc) -> Doc:
    """The customer has failed, or given up."""
    method = methods.resolve(call, intent["payment_method"])
    error = {
        "code": "payment_intent_authentication_failure",
        "doc_url": "https://docs.stripe.com/error-codes/payment-intent-authentication-failure",
        "message": "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a "
        "new PaymentMethod to attempt to fulfill this PaymentIntent again.",
        "payment_method": method,
        "type": "invalid_request_error",
    }
    intent |= {"last_payment_error": error, "next_action": None}
    intent |= {"payment_method": None, "status": "requires_payment_method"}
    return call.save("payment_intent", intent, "payment_intent.payment_failed")


def method_for(call: Call, intent: Doc, given: dict[str, Any]) -> Doc:
    """What to pay with. StripeError: nothing, or not this."""
    name = given.get("payment_method") or intent["payment_method"]
    if given.get("payment_method_data"):
        method = methods.create(call, given["payment_method_data"])
    elif name:
        method = methods.resolve(call, name)
    else:
        raise StripeError(_NO_METHOD, code="payment_intent_unexpected_state", payment_intent=intent)
    type_, owner = type_of(method), method["customer"]
    if type_ not in intent["payment_method_types"]:
        message = (
            f"The PaymentMethod provided ({type_}) is not allowed for this PaymentIntent. Please attach a "
            f"PaymentMethod of one of the following types: {', '.join(intent['payment_method_types'])}."
        )
        raise StripeError(message, code="payment_intent_incompatible_payment_method", param="payment_method")
    if owner is not None and owner != intent["customer"]:
        message = f"The provided PaymentMethod ({method['id']}) belongs to another customer than the PaymentIntent."
        raise StripeError(message, code="payment_intent_invalid_parameter", param="payment_method")
    return method


def _check_redirects(intent: Doc, given: dict[str, Any]) -> None:
    automatic = intent["automatic_payment_methods"] or {}
    # Stripe's own scripts leave both out, and are served.
    asked = (given.get("automatic_payment_methods") or {}).get("enabled")
    if asked and automatic.get("allow_redirects") == "always" and not given.get("return_url"):
        message = (
            "This PaymentIntent may need to redirect your customer: give a `return_url`, or set "
            "`automatic_payment_methods[allow_redirects]` to `never`."
        )
        raise StripeError(message, code="parameter_missing", param="return_url")


def _needs_authentication(call: Call, intent: Doc, method: Doc) -> bool:
    rule = card_behind(method).three_d_secure
    if call.store.content(call.account, f"{intent['id']}:authenticated"):
        return False
    if rule == "setup":
        return not call.all("setup_intent", payment_method=method["id"], status="succeeded")
    options = (intent["payment_method_options"] or {}).get("card") or {}
    asked = options.get("request_three_d_secure") in ("any", "challenge")
    return rule == "always" or (asked and rule == "optional")


def _ask_to_authenticate(call: Call, intent: Doc, method: Doc, given: dict[str, Any]) -> Doc:
    if given.get("error_on_requires_action"):
        _failed(call, intent, method, DECLINES["authentication_required"], None)
    intent |= {"status": "requires_action", "next_action": next_action(call, intent["id"], given.get("return_url"))}
    return call.save("payment_intent", intent, "payment_intent.requires_action")


def next_action(call: Call, name: str, return_url: str | None) -> Doc:
    """Where the customer goes to authenticate: the bank's page, or Stripe's script in ours."""
    place = f"https://hooks.stripe.com/3d_secure_2/hosted?payment={name}"
    if return_url:
        return {"redirect_to_url": {"return_url": return_url, "url": place}, "type": "redirect_to_url"}
    sdk = {"source": f"src_1{call.chance.text('src', 23)}", "stripe_js": place, "type": "three_d_secure_redirect"}
    return {"type": "use_stripe_sdk", "use_stripe_sdk": sdk}


def _charged(
    call: Call,
    intent: Doc,
    method: Doc,
    *,
    proven: bool = False,
    refused: Decline | None = None,
    mandate: str | None = None,
) -> Doc:
    """One charge, and the state that it leaves the intent in."""
    options = intent["payment_method_options"] or {}
    manual = "manual" in (intent["capture_method"], (options.get("card") or {}).get("capture_method"))
    order = Order(
        amount=intent["amount"],
        currency=intent["currency"],
        capture=not manual,
        asynchronous=intent["capture_method"] == "automatic_async",
        customer=intent["customer"],
        intent=intent["id"],
        options=options,
        authenticated=proven,
        refused=refused,
        mandate=mandate,
        fields=charging.copied(intent),
    )
    if intent["setup_future_usage"] and intent["customer"]:
        method = attach(call, method, intent["customer"])
    charge, decline = charging.attempt(call, method, order)
    intent["latest_charge"] = charge["id"]
    if decline:
        _failed(call, intent, method, decline, charge)
    return _advanced(call, intent, method, charge)


def _advanced(call: Call, intent: Doc, method: Doc, charge: Doc) -> Doc:
    if charge["status"] == "pending":
        call.save("payment_intent", intent | {"status": "processing"}, "payment_intent.processing")
        call.later(bank_behind(method).after, "payment_intent.debit_ends", intent["id"])
    elif not charge["captured"]:
        intent |= {"status": "requires_capture", "amount_capturable": charge["amount"]}
        call.save("payment_intent", intent, "payment_intent.amount_capturable_updated")
        call.later(AUTHORISED_FOR, "payment_intent.expires", intent["id"])
        charging.consequences(call, charge)
    else:
        outcomes.succeeded(call, intent, charge)
    return call.get("payment_intent", intent["id"])


def _failed(call: Call, intent: Doc, method: Doc, decline: Decline, charge: Doc | None) -> None:
    """Back to the start, with a card error."""
    outcomes.failed(call, intent, method, decline, charge)
    raise declined(
        decline.message,
        code=decline.code,
        decline_code=decline.decline_code,
        charge=charge["id"] if charge else None,
        payment_intent=intent,
        payment_method=method,
        advice_code=decline.advice,
        network_decline_code=decline.network,
    )
