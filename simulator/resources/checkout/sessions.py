"""Checkout sessions: open until the buyer completes them or their time is over."""

import json
from typing import Any

from simulator.call import Call
from simulator.endpoints import ask, endpoint
from simulator.events.due import timer
from simulator.kinds import declare, include, nulls
from simulator.protocol.errors import StripeError, missing_parameter
from simulator.resources import discounts
from simulator.resources.checkout import items
from simulator.store import Doc

URL = "/v1/checkout/sessions"
_DAY = 24 * 3600
_COPIED = (
    *("allow_promotion_codes", "billing_address_collection", "cancel_url", "client_reference_id", "customer_email"),
    *("customer_creation", "integration_identifier", "locale", "origin_context", "payment_method_collection"),
    *("return_url", "submit_type", "success_url"),
)
# Named until the package's version; the scripts of Stripe's command line still do.
_OLDER = {"payment_method_types": {"list": "string"}}

declare(
    "checkout.session",
    prefix="cs_test",
    url=URL,
    title="checkout.session",
    links=("customer", "payment_intent", "payment_link", "status", "customer_details.email"),
    template={"automatic_tax": {"enabled": False} | nulls("liability provider status"), "custom_fields": []}
    | {"custom_text": nulls("after_submit shipping_address submit terms_of_service_acceptance"), "metadata": {}}
    | {"mode": "payment", "payment_method_options": {}, "payment_method_types": [], "payment_status": "unpaid"}
    | {"phone_number_collection": {"enabled": False}, "shipping_options": [], "status": "open"}
    | {"ui_mode": "hosted_page"}
    | nulls("adaptive_pricing after_expiration allow_promotion_codes amount_subtotal amount_total cancel_url")
    | nulls("billing_address_collection client_reference_id client_secret collected_information consent created")
    | nulls("consent_collection currency currency_conversion customer customer_account customer_creation")
    | nulls("customer_details customer_email discounts expires_at integration_identifier invoice invoice_creation")
    | nulls("locale managed_payments origin_context payment_intent payment_link payment_method_collection")
    | nulls("payment_method_configuration_details permissions recovered_from saved_payment_method_options")
    | nulls("setup_intent shipping_address_collection shipping_cost submit_type subscription success_url")
    | nulls("total_details url wallet_options"),
    money=True,
)


@endpoint("POST", URL, more=_OLDER, money=True)
def create(call: Call) -> Doc:
    given = call.params
    mode = given.get("mode", "payment")
    if mode == "subscription":
        raise StripeError("Subscriptions are not simulated.", param="mode")
    if mode == "payment" and not given.get("line_items"):
        raise missing_parameter("line_items")
    doc = call.new("checkout.session", mode=mode, url=None)
    call.update(doc, *_COPIED)
    doc["ui_mode"] = given.get("ui_mode", "hosted_page")
    hosted = doc["ui_mode"] == "hosted_page"
    if hosted and "success_url" not in given:
        raise missing_parameter("success_url")
    if given.get("customer"):
        doc["customer"] = call.live("customer", given["customer"], param="customer")["id"]
    doc["payment_method_types"] = given.get("payment_method_types") or ["card"]
    doc["payment_status"] = "unpaid" if mode == "payment" else "no_payment_required"
    if hosted:
        doc["url"] = f"https://checkout.stripe.com/c/pay/{doc['id']}"
    else:
        doc["client_secret"] = f"{doc['id']}_secret_{call.chance.text('secret', 24)}"
    _set_end(call, doc)
    if mode == "payment":
        _add_items(call, doc)
    return call.add("checkout.session", doc)


@endpoint("GET", URL + "/{session}")
def retrieve(call: Call, name: str) -> Doc:
    return call.get("checkout.session", name)


@endpoint("POST", URL + "/{session}")
def update(call: Call, name: str) -> Doc:
    return call.save("checkout.session", call.update(call.get("checkout.session", name)))


@endpoint("GET", URL)
def list_(call: Call) -> Doc:
    email = call.params.get("customer_details", {}).get("email")
    fixed = {"customer_details.email": email} if email else {}
    return call.page("checkout.session", "customer", "payment_intent", "payment_link", "status", **fixed)


@endpoint("GET", URL + "/{session}/line_items")
def line_items(call: Call, name: str) -> Doc:
    call.get("checkout.session", name)
    return items.page(call, name, f"{URL}/{name}")


@endpoint("POST", URL + "/{session}/expire", money=True)
def expire(call: Call, name: str) -> Doc:
    return _expired(call, open_session(call, name))


@timer("checkout.session.expire", money=True)
def run_out(call: Call, name: str) -> None:
    _expired(call, call.get("checkout.session", name))


@include("checkout.session", "line_items")
def embedded_items(call: Call, doc: Doc) -> Doc:
    return items.embedded(call, doc, URL)


def open_session(call: Call, name: str) -> Doc:
    """StripeError: it is complete or expired."""
    doc = call.get("checkout.session", name)
    if doc["status"] != "open":
        message = f'Only Checkout Sessions with a status in ["open"] can do this. This one is {doc["status"]}.'
        raise StripeError(message)
    return doc


def _expired(call: Call, doc: Doc) -> Doc:
    call.forget(doc["id"])
    if doc["payment_intent"]:
        ask(call, "POST", f"/v1/payment_intents/{doc['payment_intent']}/cancel")
    return call.save("checkout.session", doc | {"status": "expired", "url": None}, "checkout.session.expired")


def _set_end(call: Call, doc: Doc) -> None:
    doc["expires_at"] = call.params.get("expires_at", call.now + _DAY)
    if not call.now + 1800 <= doc["expires_at"] <= call.now + _DAY:
        raise StripeError("The `expires_at` timestamp must be 30 minutes to 24 hours away.", param="expires_at")
    call.later(doc["expires_at"] - call.now, "checkout.session.expire", doc["id"])


def _add_items(call: Call, doc: Doc) -> None:
    given: list[dict[str, Any]] = call.params["line_items"]
    found = items.made(call, given)
    if any(item["price"]["type"] == "recurring" for item in found):
        message = "You specified `payment` mode but passed a recurring price."
        raise StripeError(message, param="line_items[0][price]")
    for number, one in enumerate(call.params.get("discounts", [])):
        target = {"checkout_session": doc["id"], "customer": doc["customer"]}
        discount = discounts.apply(call, one, f"discounts[{number}]", **target)
        items.discount(call, found, discount)
        shown = {"coupon": discount["source"]["coupon"], "promotion_code": discount["promotion_code"]}
        doc["discounts"] = [*(doc["discounts"] or []), shown]
    items.tax(call, found, given)
    items.store(call, found, doc["id"])
    doc |= items.total(found) | {"currency": found[0]["currency"]}
    if doc["amount_total"] == 0:
        doc["payment_status"] = "no_payment_required"
    wanted = call.params.get("payment_intent_data", {})
    call.store.put_content(call.account, doc["id"], "application/json", json.dumps(wanted, default=str).encode())
