"""What the buyer does: `/v1/payment_pages` is the page behind a session, in no package, but in Stripe's scripts."""

import json
from typing import Any

from simulator.call import Call
from simulator.endpoints import ask, endpoint
from simulator.events.follow import follow
from simulator.protocol.errors import StripeError
from simulator.resources.checkout.sessions import open_session
from simulator.store import Doc

_CONFIRM: dict[str, Any] = {"payment_method!": "string", "expected_amount": "integer", "expand": {"list": "string"}}
_BUYER = {"ip_address": "203.0.113.7", "user_agent": "Mozilla/5.0"}


@endpoint("GET", "/v1/payment_pages/{id}", params={"expand": {"list": "string"}})
def retrieve(call: Call, name: str) -> Doc:
    return call.get("checkout.session", name)


@endpoint("POST", "/v1/payment_pages/{id}/confirm", params=_CONFIRM, money=True)
def confirm(call: Call, name: str) -> Doc:
    """Pay. StripeError: declined, and the session stays open."""
    doc = open_session(call, name)
    if call.params.get("expected_amount", doc["amount_total"]) != doc["amount_total"]:
        raise StripeError("The amount has changed meanwhile.", code="checkout_amount_mismatch", param="expected_amount")
    method = ask(call, "GET", f"/v1/payment_methods/{call.params['payment_method']}")
    _show_buyer(doc, method["billing_details"])
    if doc["customer"] is None and doc["customer_creation"] == "always":
        buyer = {field: doc["customer_details"][field] for field in ("email", "name")}
        doc["customer"] = ask(call, "POST", "/v1/customers", **buyer)["id"]
    if doc["mode"] == "setup":
        _set_up(call, doc, method)
    elif doc["amount_total"] == 0:
        _complete(call, doc)
    else:
        _pay(call, doc, method)
    return call.get("checkout.session", name)


@follow("payment_intent.succeeded")
def succeeded(call: Call, intent: Doc) -> None:
    for doc in call.all("checkout.session", payment_intent=intent["id"]):
        doc["payment_status"] = "paid"
        if doc["status"] == "open":
            _complete(call, doc)
        else:
            call.save("checkout.session", doc, "checkout.session.async_payment_succeeded")


@follow("payment_intent.processing", "payment_intent.amount_capturable_updated")
def under_way(call: Call, intent: Doc) -> None:
    for doc in call.all("checkout.session", payment_intent=intent["id"], status="open"):
        _complete(call, doc)


@follow("payment_intent.payment_failed")
def failed(call: Call, intent: Doc) -> None:
    for doc in call.all("checkout.session", payment_intent=intent["id"], status="complete"):
        call.emit("checkout.session.async_payment_failed", doc)


def _complete(call: Call, doc: Doc) -> None:
    call.forget(doc["id"])
    call.save("checkout.session", doc | {"status": "complete", "url": None}, "checkout.session.completed")


def _pay(call: Call, doc: Doc, method: Doc) -> None:
    if doc["payment_intent"] is None:
        kept = call.store.content(call.account, doc["id"])
        wanted = json.loads(kept[1]) if kept else {}
        wanted |= {"amount": doc["amount_total"], "currency": doc["currency"], "customer": doc["customer"]}
        wanted["payment_method_types"] = doc["payment_method_types"]
        doc["payment_intent"] = ask(call, "POST", "/v1/payment_intents", **wanted)["id"]
    call.save("checkout.session", doc)
    ask(call, "POST", f"/v1/payment_intents/{doc['payment_intent']}/confirm", **_agreed(doc, method))


def _set_up(call: Call, doc: Doc, method: Doc) -> None:
    wanted = {"customer": doc["customer"], "payment_method_types": doc["payment_method_types"], "confirm": True}
    intent = ask(call, "POST", "/v1/setup_intents", **wanted, **_agreed(doc, method))
    doc["setup_intent"] = intent["id"]
    if intent["status"] == "succeeded":
        _complete(call, doc)
    else:
        call.save("checkout.session", doc)


def _agreed(doc: Doc, method: Doc) -> dict[str, Any]:
    """What a page passes on: how the buyer pays, and the mandate that debits need."""
    given: dict[str, Any] = {"payment_method": method["id"], "return_url": doc["success_url"] or "https://example.com"}
    if method["type"] != "card":
        given["mandate_data"] = {"customer_acceptance": {"type": "online", "online": _BUYER}}
    return given


def _show_buyer(doc: Doc, billing: Doc) -> None:
    known = {field: billing.get(field) for field in ("address", "email", "name", "phone")}
    more = {"business_name": None, "individual_name": None}
    doc["customer_details"] = known | more | {"tax_exempt": "none", "tax_ids": []}
    doc["collected_information"] = more | {"shipping_details": None}
