"""Setup intents: a payment method made ready for later, without a payment."""

from typing import Any

from simulator.call import Call
from simulator.endpoints import endpoint
from simulator.instruments import methods
from simulator.instruments.declines import Decline
from simulator.instruments.methods import card_behind, shown_card, type_of
from simulator.kinds import declare, nulls
from simulator.payments import mandates
from simulator.payments.confirming import next_action
from simulator.payments.details import three_d_secure
from simulator.payments.keeping import attach
from simulator.protocol.errors import StripeError, declined
from simulator.store import Doc

_TYPES = {"payment_method_types": {"list": "string"}}
_OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")
_COPIED = (
    *("customer", "customer_account", "description", "excluded_payment_method_types", "flow_directions"),
    *("on_behalf_of", "usage"),
)
# An attempt says less of a wallet than a charge does.
_WALLET = ("apple_pay", "google_pay", "type")
_CARD_OPTIONS = ("mandate_options", "network", "request_three_d_secure")

declare(
    "setup_intent",
    prefix="seti",
    url="/v1/setup_intents",
    links=("customer", "payment_method", "status"),
    template={
        "metadata": {},
        "payment_method_options": {},
        "payment_method_types": [],
        "status": "requires_payment_method",
        "usage": "off_session",
    }
    | nulls("application automatic_payment_methods cancellation_reason client_secret created customer customer_account")
    | nulls("description excluded_payment_method_types flow_directions last_setup_error latest_attempt mandate")
    | nulls("next_action on_behalf_of payment_method payment_method_configuration_details single_use_mandate"),
)
declare(
    "setup_attempt",
    prefix="setatt",
    url="/v1/setup_attempts",
    links=("setup_intent",),
    template={"status": "succeeded", "usage": "off_session"}
    | nulls("application created customer customer_account flow_directions on_behalf_of payment_method")
    | nulls("payment_method_details setup_error setup_intent"),
)


@endpoint("POST", "/v1/setup_intents", more=_TYPES)
def create(call: Call) -> Doc:
    given = call.params
    doc = call.new("setup_intent")
    doc["client_secret"] = f"{doc['id']}_secret_{call.chance.text('client_secret', 31)}"
    types = given.get("payment_method_types") or given.get("allowed_payment_method_types")
    if types is None or given.get("automatic_payment_methods"):
        automatic = given.get("automatic_payment_methods") or {}
        doc["automatic_payment_methods"] = {"allow_redirects": "always", "enabled": True} | automatic
    doc["payment_method_types"] = types or ["card", "sepa_debit", "us_bank_account"]
    _fill(call, doc)
    if given.get("payment_method") and not given.get("confirm"):
        doc |= {"payment_method": _method(call, doc)["id"], "status": "requires_confirmation"}
    call.add("setup_intent", doc, "setup_intent.created")
    return confirm(call, doc) if given.get("confirm") else doc


@endpoint("GET", "/v1/setup_intents/{intent}")
def retrieve(call: Call, intent: str) -> Doc:
    return call.get("setup_intent", intent)


@endpoint("POST", "/v1/setup_intents/{intent}", more=_TYPES)
def update(call: Call, intent: str) -> Doc:
    doc = _open(call, intent, "updated")
    if call.params.get("payment_method_types"):
        doc["payment_method_types"] = call.params["payment_method_types"]
    _fill(call, doc)
    if call.params.get("payment_method") or call.params.get("payment_method_data"):
        doc |= {"payment_method": _method(call, doc)["id"], "status": "requires_confirmation"}
    return call.save("setup_intent", doc)


@endpoint("POST", "/v1/setup_intents/{intent}/confirm", more=_TYPES)
def confirm_(call: Call, intent: str) -> Doc:
    doc = _open(call, intent, "confirmed")
    _fill(call, doc)
    return confirm(call, doc)


@endpoint("POST", "/v1/setup_intents/{intent}/cancel")
def cancel(call: Call, intent: str) -> Doc:
    doc = _open(call, intent, "canceled")
    doc |= {"status": "canceled", "cancellation_reason": call.params.get("cancellation_reason"), "next_action": None}
    return call.save("setup_intent", doc, "setup_intent.canceled")


@endpoint("GET", "/v1/setup_intents")
def list_(call: Call) -> Doc:
    return call.page("setup_intent", "customer", "payment_method")


@endpoint("GET", "/v1/setup_attempts")
def list_attempts(call: Call) -> Doc:
    return call.page("setup_attempt", "setup_intent")


@endpoint(
    "POST",
    "/v1/test_helpers/setup_intents/{intent}/authenticate",
    params={"succeed": "boolean", "expand": {"list": "string"}},
)
def authenticate(call: Call, intent: str) -> Doc:
    """What the customer does on the bank's page. Stripe has no such address: there it takes a browser."""
    doc = call.get("setup_intent", intent)
    if doc["status"] != "requires_action":
        raise _unexpected(doc, "authenticated")
    method = methods.resolve(call, doc["payment_method"])
    if call.params.get("succeed", True):
        return _succeeded(call, doc, method, proven=True)
    message = "The latest attempt to set up the payment method has failed because authentication failed."
    error = {"code": "setup_intent_authentication_failure", "message": message, "type": "invalid_request_error"}
    return _failed(call, doc, method, error)


def confirm(call: Call, doc: Doc) -> Doc:
    """Attempt to make the payment method ready. A declined card raises, and what was done stays."""
    method = _method(call, doc)
    doc |= {"last_setup_error": None, "next_action": None, "payment_method": method["id"]}
    refusal = methods.refuse_to_save(method)
    if refusal:
        raise _declined(call, doc, method, refusal)
    if type_of(method) != "card":
        doc["mandate"] = mandates.make(call, method, call.params.get("mandate_data"))["id"]
    elif card_behind(method).three_d_secure in ("always", "setup"):
        return_url = call.params.get("return_url")
        doc |= {"status": "requires_action", "next_action": next_action(call, doc["id"], return_url)}
        doc["latest_attempt"] = _attempt(call, doc, method, "requires_action")
        return call.save("setup_intent", doc, "setup_intent.requires_action")
    return _succeeded(call, doc, method)


def _succeeded(call: Call, doc: Doc, method: Doc, *, proven: bool = False) -> Doc:
    if doc["customer"]:
        method = attach(call, method, doc["customer"])
    doc["latest_attempt"] = _attempt(call, doc, method, "succeeded", proven=proven)
    return call.save("setup_intent", doc | {"status": "succeeded", "next_action": None}, "setup_intent.succeeded")


def _failed(call: Call, doc: Doc, method: Doc, error: Doc) -> Doc:
    error = error | {"payment_method": method}
    error["doc_url"] = f"https://docs.stripe.com/error-codes/{error['code'].replace('_', '-')}"
    doc["latest_attempt"] = _attempt(call, doc, method, "failed", error=error)
    said = {name: value for name, value in error.items() if value is not None}
    doc |= {"last_setup_error": said, "next_action": None}
    doc |= {"payment_method": None, "status": "requires_payment_method"}
    return call.save("setup_intent", doc, "setup_intent.setup_failed")


def _declined(call: Call, doc: Doc, method: Doc, decline: Decline) -> StripeError:
    error = {"code": decline.code, "decline_code": decline.decline_code, "message": decline.message}
    _failed(call, doc, method, error | {"advice_code": decline.advice, "type": "card_error"})
    more = {"setup_intent": doc, "payment_method": method}
    return declined(decline.message, code=decline.code, decline_code=decline.decline_code, **more)


def _attempt(call: Call, doc: Doc, method: Doc, status: str, *, error: Doc | None = None, proven: bool = False) -> str:
    type_ = type_of(method)
    details: Doc = {}
    if type_ == "card":
        shown = shown_card(method)
        kept = ("brand", "checks", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4", "wallet")
        details = {name: shown[name] for name in kept} | {"network": shown["brand"], "three_d_secure": None}
        if shown["wallet"]:
            details["wallet"] = {name: shown["wallet"][name] for name in _WALLET if name in shown["wallet"]}
        if proven:
            secure = three_d_secure(call)
            details["three_d_secure"] = {name: secure[name] for name in secure if name != "exemption_indicator"}
    attempt = call.new(
        "setup_attempt",
        customer=doc["customer"],
        payment_method=method["id"],
        payment_method_details={type_: details, "type": type_},
        setup_error=error,
        setup_intent=doc["id"],
        status=status,
        usage=doc["usage"],
    )
    return str(call.add("setup_attempt", attempt)["id"])


def _method(call: Call, doc: Doc) -> Doc:
    """What to make ready. StripeError: nothing, or not this."""
    given: dict[str, Any] = call.params
    name = given.get("payment_method") or doc["payment_method"]
    if given.get("payment_method_data"):
        method = methods.create(call, given["payment_method_data"])
    elif name:
        method = methods.resolve(call, name)
    else:
        message = "You cannot confirm this SetupIntent because it's missing a payment method."
        raise StripeError(message, code="setup_intent_unexpected_state", setup_intent=doc)
    if type_of(method) not in doc["payment_method_types"]:
        message = f"The PaymentMethod provided ({type_of(method)}) is not allowed for this SetupIntent."
        raise StripeError(message, code="setup_intent_invalid_parameter", param="payment_method")
    if method["customer"] is not None and method["customer"] != doc["customer"]:
        message = f"The provided PaymentMethod ({method['id']}) belongs to another customer than the SetupIntent."
        raise StripeError(message, code="setup_intent_invalid_parameter", param="payment_method")
    return method


def _open(call: Call, intent: str, verb: str) -> Doc:
    doc = call.get("setup_intent", intent)
    if doc["status"] not in _OPEN:
        raise _unexpected(doc, verb)
    return doc


def _unexpected(doc: Doc, verb: str) -> StripeError:
    message = f"This SetupIntent could not be {verb} because it has a status of {doc['status']}."
    return StripeError(message, code="setup_intent_unexpected_state", setup_intent=doc)


def _fill(call: Call, doc: Doc) -> None:
    call.update(doc, *_COPIED)
    if call.params.get("customer"):
        call.live("customer", call.params["customer"], param="customer")
    given = (call.params.get("payment_method_options") or {}).get("card") or {}
    if "card" in doc["payment_method_types"]:
        shown = nulls("mandate_options network") | {"request_three_d_secure": "automatic"}
        shown |= (doc["payment_method_options"] or {}).get("card", {})
        known = {name: given[name] for name in _CARD_OPTIONS if name in given}
        doc["payment_method_options"] = {"card": shown | known}
