"""Quotes: an offer that is finalized, and then accepted as an invoice, or not."""

from typing import Any

from simulator.call import Call
from simulator.endpoints import ask, endpoint
from simulator.events.due import timer
from simulator.kinds import declare, include, nulls
from simulator.protocol.errors import StripeError, missing_parameter
from simulator.resources import tax_rates
from simulator.resources.checkout import items
from simulator.store import Doc

URL = "/v1/quotes"
_OPEN_FOR = 30 * 24 * 3600
_COPIED = ("collection_method", "description", "expires_at", "footer", "header", "on_behalf_of")
_AMOUNTS: Doc = {"amount_subtotal": 0, "amount_total": 0} | {
    "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0}
}

declare(
    "quote",
    prefix="qt",
    url=URL,
    links=("customer", "status"),
    template={"automatic_tax": {"enabled": False} | nulls("liability provider status")}
    | {"collection_method": "charge_automatically", "computed": {"recurring": None, "upfront": _AMOUNTS}}
    | {"default_tax_rates": [], "discounts": [], "metadata": {}, "status": "draft"}
    | {"invoice_settings": {"issuer": {"type": "self"}} | nulls("custom_fields days_until_due description footer")}
    | {"status_transitions": nulls("accepted_at canceled_at finalized_at"), **_AMOUNTS}
    | {"subscription_data": {"billing_mode": {"type": "flexible"}} | nulls("description effective_date metadata")}
    | nulls("application application_fee_amount application_fee_percent created currency customer customer_account")
    | nulls("description expires_at footer from_quote header invoice number on_behalf_of subscription")
    | nulls("subscription_schedule test_clock transfer_data"),
)


@endpoint("POST", URL)
def create(call: Call) -> Doc:
    doc = call.new("quote", expires_at=call.now + _OPEN_FOR)
    doc["subscription_data"]["trial_period_days"] = None
    _fill(call, doc)
    call.later(max(0, doc["expires_at"] - call.now), "quote.expire", doc["id"])
    return call.add("quote", doc, "quote.created")


@endpoint("GET", URL + "/{quote}")
def retrieve(call: Call, name: str) -> Doc:
    return call.get("quote", name)


@endpoint("POST", URL + "/{quote}")
def update(call: Call, name: str) -> Doc:
    doc = _in(call, name, "draft", "open")
    if doc["status"] == "open" and call.params.keys() - {"expand", "metadata", "description", "expires_at"}:
        raise StripeError("A finalized quote cannot be changed in this way.", code="quote_not_editable")
    if "line_items" in call.params:
        raise StripeError("Lines of a quote cannot be changed here.", param="line_items")
    _fill(call, doc)
    call.forget(name)
    call.later(max(0, doc["expires_at"] - call.now), "quote.expire", name)
    return call.save("quote", doc)


@endpoint("GET", URL)
def list_(call: Call) -> Doc:
    return call.page("quote", "customer", "status")


@endpoint("GET", URL + "/{quote}/line_items")
def line_items(call: Call, name: str) -> Doc:
    call.get("quote", name)
    return items.page(call, name, f"{URL}/{name}")


@include("quote", "line_items")
def embedded_items(call: Call, doc: Doc) -> Doc:
    return items.embedded(call, doc, URL)


@endpoint("POST", URL + "/{quote}/finalize")
def finalize(call: Call, name: str) -> Doc:
    doc = _in(call, name, "draft")
    if doc["customer"] is None:
        raise missing_parameter("customer")
    if not items.of(call, name):
        raise missing_parameter("line_items")
    doc["number"] = (
        f"QT-{call.live('customer', doc['customer'])['invoice_prefix']}-{call.store.count(call.account, 'quote'):04}-1"
    )
    return _moved(call, doc, "open", "finalized")


@endpoint("POST", URL + "/{quote}/accept", money=True)
def accept(call: Call, name: str) -> Doc:
    doc = _in(call, name, "open")
    lines = items.of(call, name)
    if any(line["price"]["recurring"] for line in lines):
        raise StripeError("Subscriptions are not simulated, which a recurring price would begin.")
    settings = {field: doc["invoice_settings"][field] for field in ("days_until_due",)}
    wanted = {"customer": doc["customer"], "currency": doc["currency"], "collection_method": doc["collection_method"]}
    invoice = ask(call, "POST", "/v1/invoices", description=doc["description"], **wanted, **settings)
    for line in reversed(lines):
        item = {"invoice": invoice["id"], "quantity": line["quantity"], "pricing": {"price": line["price"]["id"]}}
        ask(call, "POST", "/v1/invoiceitems", **item)
    doc["invoice"] = invoice["id"]
    return _moved(call, doc, "accepted", "accepted")


@endpoint("POST", URL + "/{quote}/cancel")
def cancel(call: Call, name: str) -> Doc:
    return _moved(call, _in(call, name, "draft", "open"), "canceled", "canceled")


@timer("quote.expire")
def expire(call: Call, name: str) -> None:
    _moved(call, call.get("quote", name), "canceled", "canceled")


def _moved(call: Call, doc: Doc, status: str, verb: str) -> Doc:
    if status != "open":
        call.forget(doc["id"])
    doc["status"], doc["status_transitions"][f"{verb}_at"] = status, call.now
    return call.save("quote", doc, f"quote.{verb}")


def _in(call: Call, name: str, *statuses: str) -> Doc:
    doc = call.get("quote", name)
    if doc["status"] not in statuses:
        raise StripeError(f"This quote is {doc['status']}; it must be {' or '.join(statuses)}.")
    return doc


def _fill(call: Call, doc: Doc) -> None:
    given = call.params
    call.update(doc, *_COPIED)
    if given.get("customer"):
        doc["customer"] = call.live("customer", given["customer"], param="customer")["id"]
    if "default_tax_rates" in given:
        rates = tax_rates.named(call, given["default_tax_rates"], "default_tax_rates")
        doc["default_tax_rates"] = [rate["id"] for rate in rates]
    if "invoice_settings" in given:
        doc["invoice_settings"] |= given["invoice_settings"]
    if given.get("line_items"):
        _count(call, doc, given["line_items"])


def _count(call: Call, doc: Doc, given: list[dict[str, Any]]) -> None:
    """What the lines come to, now and each time."""
    found = items.made(call, given)
    items.tax(call, found, given)
    items.store(call, found, doc["id"])
    doc |= items.total(found) | {"currency": found[0]["currency"]}
    doc["computed"]["upfront"] = items.total(found)
    again = [item for item in found if item["price"]["recurring"]]
    if again:
        rhythm = again[0]["price"]["recurring"]
        doc["computed"]["recurring"] = items.total(again) | {
            name: rhythm[name] for name in ("interval", "interval_count")
        }
