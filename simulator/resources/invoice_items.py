"""Invoice items: what a customer owes, waiting for an invoice or on one."""

from decimal import Decimal
from typing import Any

from simulator import percent
from simulator.call import Call
from simulator.endpoints import endpoint
from simulator.kinds import declare, nulls
from simulator.protocol.errors import StripeError, missing, missing_parameter
from simulator.resources import discounts, prices, tax_rates
from simulator.resources.invoices import drafts
from simulator.store import Doc

_COPIED = ("amount", "description", "discountable", "period", "quantity")

declare(
    "invoiceitem",
    prefix="ii",
    url="/v1/invoiceitems",
    title="invoice item",
    links=("customer", "invoice", "pending"),
    template={"discountable": True, "discounts": [], "metadata": {}, "proration": False, "quantity": 1}
    | {"quantity_decimal": "1", "tax_rates": []}
    | nulls("amount currency customer customer_account date description invoice net_amount parent period pricing")
    | nulls("test_clock"),
    money=True,
)


@endpoint("POST", "/v1/invoiceitems", money=True)
def create(call: Call) -> Doc:
    given = call.params
    invoice = drafts.editable(call, given["invoice"], param="invoice") if given.get("invoice") else None
    name = given.get("customer") or (invoice or {}).get("customer")
    if name is None:
        raise missing_parameter("customer")
    customer = call.live("customer", name, param="customer")
    doc = call.new("invoiceitem", customer=customer["id"], date=call.now, invoice=invoice and invoice["id"])
    doc["period"] = {"start": call.now, "end": call.now}
    _fill(call, doc, invoice)
    if given.get("discounts"):
        doc["discounts"] = _discounts(call, given["discounts"], doc["id"])
    call.add("invoiceitem", doc, "invoiceitem.created")
    if invoice:
        drafts.include(call, invoice, [doc])
    return doc


@endpoint("GET", "/v1/invoiceitems/{invoiceitem}")
def retrieve(call: Call, name: str) -> Doc:
    return call.live("invoiceitem", name)


@endpoint("POST", "/v1/invoiceitems/{invoiceitem}", money=True)
def update(call: Call, name: str) -> Doc:
    doc = call.live("invoiceitem", name)
    invoice = drafts.editable(call, doc["invoice"], param="invoice") if doc["invoice"] else None
    _fill(call, doc, invoice)
    if "discounts" in call.params:
        doc["discounts"] = _discounts(call, call.params["discounts"] or [], name)
    call.save("invoiceitem", doc)
    if invoice:
        drafts.exclude(call, invoice, name)
        drafts.include(call, call.get("invoice", invoice["id"]), [doc])
    return doc


@endpoint("GET", "/v1/invoiceitems")
def list_(call: Call) -> Doc:
    pending = call.params.get("pending")
    if pending is None:
        return call.page("invoiceitem", "customer", "invoice")
    # An index finds what is there, not what is absent.
    found = [doc for doc in call.all("invoiceitem") if (doc["invoice"] is None) is pending]
    wanted = [doc for doc in found if call.params.get("customer") in (None, doc["customer"])]
    size = call.params.get("limit", 10)
    return {"object": "list", "data": wanted[:size], "has_more": len(wanted) > size, "url": "/v1/invoiceitems"}


@endpoint("DELETE", "/v1/invoiceitems/{invoiceitem}", money=True)
def delete(call: Call, name: str) -> Doc:
    doc = call.live("invoiceitem", name)
    if doc["invoice"]:
        drafts.exclude(call, drafts.editable(call, doc["invoice"], param="invoice"), name)
    return call.delete("invoiceitem", doc, "invoiceitem.deleted")


def _fill(call: Call, doc: Doc, invoice: Doc | None) -> None:
    """Amount, currency and all else that this request says of the item."""
    given = call.params
    call.update(doc, *_COPIED)
    if doc["quantity"] < 0:
        raise StripeError("Invalid non-negative integer", code="parameter_invalid_integer", param="quantity")
    doc["quantity_decimal"] = str(doc["quantity"])
    if "tax_rates" in given:
        doc["tax_rates"] = tax_rates.named(call, given["tax_rates"], "tax_rates")
    price = _price(call, given)
    if price:
        exact = Decimal(price["unit_amount_decimal"] or prices.unit_amount(price, "pricing[price]"))
        doc["currency"] = price["currency"]
        doc["description"] = doc["description"] or call.get("product", price["product"]).get("name")
        details: Doc | None = {"price": price["id"], "product": price["product"]}
    elif "unit_amount_decimal" in given:
        exact, details = given["unit_amount_decimal"], None
    elif "amount" in given:
        exact, details = Decimal(given["amount"]) / (doc["quantity"] or 1), None
    elif doc["amount"] is not None:
        exact, details = Decimal(doc["pricing"]["unit_amount_decimal"]), doc["pricing"]["price_details"]
    else:
        raise missing_parameter("amount")
    if not price and "amount" in given:
        doc["amount"] = given["amount"]
    else:
        doc["amount"] = percent.rounded(exact * doc["quantity"])
    doc["net_amount"] = doc["amount"]
    doc["pricing"] = {"type": "price_details", "price_details": details, "unit_amount_decimal": str(exact.normalize())}
    _set_currency(doc, given, invoice)


def _price(call: Call, given: dict[str, Any]) -> Doc | None:
    name = given.get("pricing", {}).get("price")
    if name:
        price = call.live("price", name, param="pricing[price]")
        if price["type"] != "one_time":
            raise StripeError("The price must be one that is paid once.", param="pricing[price]")
        return price
    return prices.inline(call, given["price_data"], "price_data") if "price_data" in given else None


def _set_currency(doc: Doc, given: dict[str, Any], invoice: Doc | None) -> None:
    doc["currency"] = given.get("currency", doc["currency"] or (invoice or {}).get("currency"))
    if doc["currency"] is None:
        raise missing_parameter("currency")
    doc["currency"] = doc["currency"].lower()
    if invoice and invoice["currency"] != doc["currency"]:
        raise StripeError(f"The currency of the invoice is {invoice['currency']}.", param="currency")


def _discounts(call: Call, given: list[dict[str, Any]], item: str) -> list[str]:
    found = []
    for number, one in enumerate(given):
        param = f"discounts[{number}]"
        if one.get("discount"):
            discount = call.find("discount", one["discount"])
            if discount is None:
                raise missing("discount", one["discount"], param, status=400)
        else:
            discount = discounts.apply(call, one, param, invoice_item=item)
        found.append(str(discount["id"]))
    return found
