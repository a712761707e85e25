"""Payment intents: from what is to be paid to what was."""

from typing import Any

from simulator import accounts
from simulator.addresses import contact
from simulator.call import Call
from simulator.effects import happen
from simulator.endpoints import endpoint
from simulator.events.due import timer
from simulator.instruments import methods
from simulator.instruments.methods import bank_behind
from simulator.kinds import declare, nulls
from simulator.money.currencies import check_amount
from simulator.payments import capturing, confirming, outcomes
from simulator.payments.charging import consequences
from simulator.payments.confirming import confirm
from simulator.payments.outcomes import unexpected
from simulator.payments.refunding import release
from simulator.payments.settling import settle
from simulator.protocol.errors import StripeError
from simulator.store import Doc

# The package calls it allowed_payment_method_types now; Stripe takes the old name, too.
_TYPES = {"payment_method_types": {"list": "string"}}
_CANCELABLE = ("requires_payment_method", "requires_capture", "requires_confirmation", "requires_action")
_COPIED = (
    *("application_fee_amount", "capture_method", "confirmation_method", "customer", "customer_account", "description"),
    *("excluded_payment_method_types", "on_behalf_of", "receipt_email", "setup_future_usage", "statement_descriptor"),
    *("statement_descriptor_suffix", "transfer_group"),
)
# Offered unless the request says with what it wants to be paid.
_DEBITS = {"eur": ("sepa_debit",), "usd": ("us_bank_account",)}
_CARD_OPTIONS = (
    *("capture_method", "installments", "mandate_options", "network", "request_extended_authorization"),
    *("request_incremental_authorization", "request_multicapture", "request_overcapture", "request_three_d_secure"),
    *("require_cvc_recollection", "setup_future_usage"),
)

declare(
    "payment_intent",
    prefix="pi",
    url="/v1/payment_intents",
    links=("customer", "status"),
    search={
        "amount": "numeric",
        "created": "numeric",
        "currency": "token",
        "customer": "token",
        "metadata": "token",
        "status": "token",
    },
    template={
        "amount": 0,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "capture_method": "automatic_async",
        "confirmation_method": "automatic",
        "metadata": {},
        "payment_method_options": {},
        "payment_method_types": [],
        "status": "requires_payment_method",
    }
    | nulls(
        "application application_fee_amount automatic_payment_methods canceled_at cancellation_reason client_secret"
    )
    | nulls("created currency customer customer_account description excluded_payment_method_types last_payment_error")
    | nulls("latest_charge managed_payments next_action on_behalf_of payment_method")
    | nulls("payment_method_configuration_details processing receipt_email review setup_future_usage shipping source")
    | nulls("statement_descriptor statement_descriptor_suffix transfer_data transfer_group"),
    money=True,
)


@endpoint("POST", "/v1/payment_intents", money=True, more=_TYPES)
def create(call: Call) -> Doc:
    given = call.params
    doc = call.new("payment_intent", amount=given["amount"], currency=given["currency"].lower())
    doc["client_secret"] = f"{doc['id']}_secret_{call.chance.text('client_secret', 25)}"
    automatic = given.get("automatic_payment_methods")
    types = given.get("payment_method_types") or given.get("allowed_payment_method_types")
    if types is None or automatic:
        doc["automatic_payment_methods"] = {"allow_redirects": "always", "enabled": True} | (automatic or {})
    doc["payment_method_types"] = types or ["card", *_DEBITS.get(doc["currency"], ())]
    _fill(call, doc)
    if given.get("payment_method") and not given.get("confirm"):
        _prepare(call, doc)
    call.add("payment_intent", doc, "payment_intent.created")
    return confirm(call, doc, given) if given.get("confirm") else doc


@endpoint("GET", "/v1/payment_intents/{intent}")
def retrieve(call: Call, intent: str) -> Doc:
    return call.get("payment_intent", intent)


@endpoint("POST", "/v1/payment_intents/{intent}", money=True, more=_TYPES)
def update(call: Call, intent: str) -> Doc:
    doc = call.get("payment_intent", intent)
    given = call.params
    final = doc["status"] in ("succeeded", "canceled", "processing", "requires_capture")
    if final and given.keys() - {"description", "expand", "metadata", "receipt_email", "shipping", "transfer_group"}:
        raise unexpected(doc, "updat", confirming.CONFIRMABLE)
    if "amount" in given:
        doc["amount"] = given["amount"]
    if "currency" in given:
        doc["currency"] = given["currency"].lower()
    if given.get("payment_method_types"):
        doc["payment_method_types"] = given["payment_method_types"]
    _fill(call, doc)
    if given.get("payment_method") or given.get("payment_method_data"):
        _prepare(call, doc)
    return call.save("payment_intent", doc)


@endpoint("POST", "/v1/payment_intents/{intent}/confirm", money=True, more=_TYPES)
def confirm_(call: Call, intent: str) -> Doc:
    doc = call.get("payment_intent", intent)
    given = call.params
    if given.get("amount_to_confirm", doc["amount"]) != doc["amount"]:
        raise StripeError("The amount to confirm is not that of the PaymentIntent.", param="amount_to_confirm")
    _fill(call, doc)
    return confirm(call, doc, given)


@endpoint("POST", "/v1/payment_intents/{intent}/capture", money=True)
def capture(call: Call, intent: str) -> Doc:
    doc, given = call.get("payment_intent", intent), call.params
    if doc["status"] != "requires_capture":
        raise unexpected(doc, "captur", ("requires_capture",))
    final = given.get("final_capture", True)
    charge = call.get("charge", doc["latest_charge"])
    if not final and charge["payment_method_details"]["card"]["multicapture"]["status"] != "available":
        message = "This charge can be captured once: it was not authorised with `request_multicapture`."
        raise StripeError(message, param="final_capture")
    call.update(doc, "application_fee_amount", "statement_descriptor", "statement_descriptor_suffix")
    charge = capturing.capture(call, charge, given.get("amount_to_capture"), final=final)
    if not charge["captured"]:
        doc |= {"amount_capturable": capturing.capturable(charge), "amount_received": charge["amount_captured"]}
        return call.save("payment_intent", doc, "payment_intent.amount_capturable_updated")
    call.forget(intent, "payment_intent.expires")
    doc |= {"status": "succeeded", "amount_capturable": 0, "amount_received": charge["amount_captured"]}
    call.save("payment_intent", doc, "payment_intent.succeeded")
    consequences(call, charge, capture=True)
    return call.get("payment_intent", intent)


@endpoint("POST", "/v1/payment_intents/{intent}/increment_authorization", money=True)
def increment(call: Call, intent: str) -> Doc:
    doc = call.get("payment_intent", intent)
    if doc["status"] != "requires_capture":
        raise unexpected(doc, "increment", ("requires_capture",))
    charge = call.get("charge", doc["latest_charge"])
    card = charge["payment_method_details"]["card"]
    if card["incremental_authorization"]["status"] != "available":
        raise StripeError("This charge was not authorised with `request_incremental_authorization`.")
    if call.params["amount"] <= doc["amount"]:
        raise StripeError("The amount must be more than what is authorised.", param="amount")
    check_amount(call.params["amount"], doc["currency"])
    doc["amount"] = charge["amount"] = card["amount_authorized"] = call.params["amount"]
    doc["amount_capturable"] = capturing.capturable(charge)
    call.update(doc, "application_fee_amount", "description", "statement_descriptor")
    call.save("charge", charge, "charge.updated")
    return call.save("payment_intent", doc, "payment_intent.amount_capturable_updated")


@endpoint("POST", "/v1/payment_intents/{intent}/cancel", money=True)
def cancel_(call: Call, intent: str) -> Doc:
    doc = call.get("payment_intent", intent)
    if doc["status"] not in _CANCELABLE:
        raise unexpected(doc, "cancel", _CANCELABLE)
    return cancel(call, doc, call.params.get("cancellation_reason"))


@endpoint("GET", "/v1/payment_intents")
def list_(call: Call) -> Doc:
    return call.page("payment_intent", "customer")


@endpoint("GET", "/v1/payment_intents/search")
def search(call: Call) -> Doc:
    return call.search("payment_intent")


@endpoint(
    "POST",
    "/v1/test_helpers/payment_intents/{intent}/authenticate",
    money=True,
    params={"succeed": "boolean", "expand": {"list": "string"}},
)
def authenticate(call: Call, intent: str) -> Doc:
    """What the customer does on the bank's page. Stripe has no such address: there it takes a browser."""
    doc = call.get("payment_intent", intent)
    if doc["status"] != "requires_action":
        raise unexpected(doc, "authenticat", ("requires_action",))
    succeed = call.params.get("succeed", True)
    return confirming.authenticated(call, doc) if succeed else confirming.not_authenticated(call, doc)


def cancel(call: Call, doc: Doc, reason: str | None) -> Doc:
    """Give up; what was authorised and not captured is released."""
    call.forget(doc["id"])
    authorised = doc["status"] == "requires_capture"
    if authorised:
        charge = call.get("charge", doc["latest_charge"])
        automatic = reason == "automatic"
        release(call, charge, capturing.capturable(charge), reason="expired_uncaptured_charge" if automatic else None)
        happen(call, "cancellation", charge)
        if automatic:
            call.emit("charge.expired", charge)
    doc |= {"status": "canceled", "canceled_at": call.now, "cancellation_reason": reason}
    doc |= {"amount_capturable": 0, "next_action": None}
    return call.save("payment_intent", doc, "payment_intent.canceled")


@timer("payment_intent.expires", money=True)
def expires(call: Call, intent: str) -> None:
    cancel(call, call.get("payment_intent", intent), "automatic")


@timer("payment_intent.debit_ends", money=True)
def debit_ends(call: Call, intent: str) -> None:
    """The bank has answered: money, or a reason."""
    doc = call.get("payment_intent", intent)
    charge = call.get("charge", doc["latest_charge"])
    method = methods.resolve(call, charge["payment_method"])
    decline = bank_behind(method).declined
    if decline is None:
        charge |= {"paid": True, "status": "succeeded"}
        settle(call, charge)
        call.save("charge", charge, "charge.succeeded")
        outcomes.succeeded(call, doc, charge)
        return
    charge |= {"amount_captured": 0, "captured": False, "status": "failed"}
    charge |= {"failure_code": decline.code, "failure_message": decline.message}
    call.save("charge", charge, "charge.failed")
    outcomes.failed(call, doc, method, decline, charge)


def _fill(call: Call, doc: Doc) -> None:
    """What this request says of an intent. StripeError: it cannot be."""
    given = call.params
    check_amount(doc["amount"], doc["currency"])
    call.update(doc, *_COPIED)
    if given.get("customer"):
        call.live("customer", given["customer"], param="customer")
    if "shipping" in given:
        doc["shipping"] = contact(given["shipping"])
    if "transfer_data" in given:
        wanted = {
            name: given["transfer_data"][name] for name in ("amount", "destination") if name in given["transfer_data"]
        }
        doc["transfer_data"] = (doc["transfer_data"] or {}) | wanted
    fee = doc["application_fee_amount"]
    if fee is not None and fee > doc["amount"]:
        raise StripeError("The application fee must not be more than the amount.", param="application_fee_amount")
    if fee is not None and accounts.own(call) and not doc["transfer_data"]:
        message = (
            "Can only apply an application_fee_amount when the payment is direct (with a Stripe-Account header) or "
            "has a destination (transfer_data[destination])."
        )
        raise StripeError(message, param="application_fee_amount")
    _set_options(doc, given.get("payment_method_options") or {})


def _set_options(doc: Doc, given: dict[str, Any]) -> None:
    options = doc["payment_method_options"] or {}
    for type_ in doc["payment_method_types"]:
        shown = nulls("installments mandate_options network") if type_ == "card" else {}
        if type_ == "card":
            shown["request_three_d_secure"] = "automatic"
        asked = given.get(type_) or {}
        known = {name: value for name, value in asked.items() if type_ != "card" or name in _CARD_OPTIONS}
        options[type_] = shown | options.get(type_, {}) | known
        transfer = options[type_].get("bank_transfer") or {}
        if transfer.get("type") == "jp_bank_account":
            transfer["type"] = "jp_bank_transfer"
    doc["payment_method_options"] = options


def _prepare(call: Call, doc: Doc) -> None:
    """A payment method for a later confirmation."""
    method = confirming.method_for(call, doc, call.params)
    doc |= {"payment_method": method["id"], "status": "requires_confirmation"}
