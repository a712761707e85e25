"""Invoices before they are finalized: made, changed, filled with items, deleted."""

from typing import Any

from simulator.call import Call
from simulator.endpoints import ask, endpoint
from simulator.kinds import declare, nulls
from simulator.protocol.errors import StripeError, missing, missing_parameter
from simulator.resources import discounts, tax_rates
from simulator.resources.invoices import lines
from simulator.store import Doc

DAY = 24 * 3600
# How long a draft that advances by itself waits for corrections.
WAIT = 3600
_COPIED = (
    *("account_tax_ids", "custom_fields", "default_payment_method", "default_source", "description", "effective_at"),
    *("footer", "number", "on_behalf_of", "statement_descriptor"),
)
# What may still change when others have seen the invoice.
_ALWAYS = {"auto_advance", "default_payment_method", "default_source", "description", "expand", "footer", "metadata"}

declare(
    "invoice",
    prefix="in",
    url="/v1/invoices",
    links=("collection_method", "customer", "status", "due_date"),
    search={"created": "numeric", "currency": "token", "customer": "token", "metadata": "token", "number": "string"}
    | {"receipt_number": "string", "status": "string", "total": "numeric"},
    template={"amount_due": 0, "amount_overpaid": 0, "amount_paid": 0, "amount_remaining": 0, "amount_shipping": 0}
    | {"attempt_count": 0, "attempted": False, "auto_advance": False, "billing_reason": "manual"}
    | {"automatic_tax": {"enabled": False} | nulls("disabled_reason liability provider status")}
    | {"collection_method": "charge_automatically", "customer_tax_ids": [], "default_tax_rates": [], "discounts": []}
    | {"issuer": {"type": "self"}, "lines": None, "metadata": {}, "account_country": "FR"}
    | {"payment_settings": nulls("default_mandate payment_method_options payment_method_types")}
    | {"post_payment_credit_notes_amount": 0, "pre_payment_credit_notes_amount": 0, "starting_balance": 0}
    | {"status": "draft", "subtotal": 0, "subtotal_excluding_tax": 0, "total": 0, "total_excluding_tax": 0}
    | {"status_transitions": nulls("finalized_at marked_uncollectible_at paid_at voided_at")}
    | {"total_discount_amounts": [], "total_pretax_credit_amounts": [], "total_taxes": []}
    | nulls("account_name account_tax_ids application automatically_finalizes_at created currency custom_fields")
    | nulls("customer customer_account customer_address customer_email customer_name customer_phone")
    | nulls("customer_shipping customer_tax_exempt default_payment_method default_source description due_date")
    | nulls("effective_at ending_balance footer from_invoice hosted_invoice_url invoice_pdf last_finalization_error")
    | nulls("latest_revision next_payment_attempt number on_behalf_of parent period_end period_start receipt_number")
    | nulls("rendering shipping_cost shipping_details statement_descriptor test_clock webhooks_delivered_at"),
    money=True,
)


@endpoint("POST", "/v1/invoices", money=True)
def create(call: Call) -> Doc:
    given = call.params
    for name in ("from_invoice", "subscription"):
        if name in given:
            raise missing(name.partition("_")[0], str(given[name]), name, status=400)
    if not given.get("customer"):
        raise missing_parameter("customer")
    customer = call.live("customer", given["customer"], param="customer")
    pending = _pending(call, customer["id"]) if given.get("pending_invoice_items_behavior") == "include" else []
    doc = call.new("invoice", customer=customer["id"], period_start=call.now, period_end=call.now)
    currency = given.get("currency") or customer["currency"] or (pending[0]["currency"] if pending else "usd")
    doc["currency"] = currency.lower()
    _show_customer(doc, customer)
    if customer["discount"]:
        doc["discounts"] = [customer["discount"]["id"]]
    _fill(call, doc)
    _set_due_date(call, doc)
    _attach(call, doc, [item for item in pending if item["currency"] == doc["currency"]])
    lines.total(call, doc)
    _advance(call, doc)
    return call.add("invoice", doc, "invoice.created")


@endpoint("GET", "/v1/invoices/{invoice}")
def retrieve(call: Call, name: str) -> Doc:
    return call.live("invoice", name)


@endpoint("POST", "/v1/invoices/{invoice}", money=True)
def update(call: Call, name: str) -> Doc:
    doc = call.live("invoice", name)
    late = sorted(call.params.keys() - _ALWAYS)
    if doc["status"] != "draft" and late:
        raise StripeError(
            "Finalized invoices can't be updated in this way.", code="invoice_not_editable", param=late[0]
        )
    _fill(call, doc)
    if doc["status"] == "draft":
        _set_due_date(call, doc)
        lines.total(call, doc)
        _advance(call, doc)
    return call.save("invoice", doc, "invoice.updated")


@endpoint("GET", "/v1/invoices")
def list_(call: Call) -> Doc:
    return call.page("invoice", "collection_method", "customer", "status", ranges=("due_date",))


@endpoint("GET", "/v1/invoices/search")
def search(call: Call) -> Doc:
    return call.search("invoice")


@endpoint("DELETE", "/v1/invoices/{invoice}", money=True)
def delete(call: Call, name: str) -> Doc:
    doc = editable(call, name)
    for item in call.all("invoiceitem", invoice=name):
        call.save("invoiceitem", item | {"invoice": None})
    call.forget(name)
    return call.delete("invoice", doc, "invoice.deleted")


@endpoint("POST", "/v1/invoices/{invoice}/add_lines", money=True)
def add_lines(call: Call, name: str) -> Doc:
    """Each line is an item of its own, or one that was waiting."""
    doc = editable(call, name)
    for number, line in enumerate(call.params["lines"]):
        waiting = line.get("invoice_item")
        if waiting:
            item = call.live("invoiceitem", waiting, param=f"lines[{number}][invoice_item]")
            include(call, call.get("invoice", name), [item])
        else:
            currency = {} if "pricing" in line or "price_data" in line else {"currency": doc["currency"]}
            ask(call, "POST", "/v1/invoiceitems", invoice=name, customer=doc["customer"], **currency, **line)
    return call.get("invoice", name)


def editable(call: Call, name: str, *, param: str | None = None) -> Doc:
    """The draft of this id. StripeError: it is finalized."""
    doc = call.live("invoice", name, param=param)
    if doc["status"] != "draft":
        raise StripeError("This invoice is no longer editable.", code="invoice_not_editable", param=param)
    return doc


def include(call: Call, invoice: Doc, items: list[Doc]) -> None:
    _attach(call, invoice, items)
    lines.total(call, invoice)
    call.save("invoice", invoice, "invoice.updated")


def exclude(call: Call, invoice: Doc, item: str) -> None:
    lines.remove(call, invoice["id"], item)
    lines.total(call, invoice)
    call.save("invoice", invoice, "invoice.updated")


def _attach(call: Call, invoice: Doc, items: list[Doc]) -> None:
    for item in items:
        if item["invoice"] is None:
            call.save("invoiceitem", item | {"invoice": invoice["id"]})
        lines.add(call, invoice["id"], item)


def _pending(call: Call, customer: str) -> list[Doc]:
    return [item for item in reversed(call.all("invoiceitem", customer=customer)) if item["invoice"] is None]


def _fill(call: Call, doc: Doc) -> None:
    given = call.params
    call.update(doc, *_COPIED)
    if "default_tax_rates" in given:
        doc["default_tax_rates"] = tax_rates.named(call, given["default_tax_rates"], "default_tax_rates")
    if "discounts" in given:
        doc["discounts"] = [_discount(call, doc, one) for one in given["discounts"] or []]
    for name in ("auto_advance", "collection_method"):
        if name in given:
            doc[name] = given[name]
    if "payment_settings" in given:
        doc["payment_settings"] |= given["payment_settings"]


def _discount(call: Call, doc: Doc, given: dict[str, Any]) -> str:
    if given.get("discount"):
        return str(call.get("discount", given["discount"], param="discounts")["id"])
    return str(discounts.apply(call, given, "discounts", invoice=doc["id"])["id"])


def _show_customer(doc: Doc, customer: Doc) -> None:
    for name in ("address", "email", "name", "phone", "shipping", "tax_exempt"):
        doc[f"customer_{name}"] = customer[name]


def _set_due_date(call: Call, doc: Doc) -> None:
    given = call.params
    sends = doc["collection_method"] == "send_invoice"
    named = [name for name in ("days_until_due", "due_date") if given.get(name) is not None]
    if named and not sends:
        raise StripeError("Only invoices that are sent have a due date.", param=named[0])
    if named:
        doc["due_date"] = given.get("due_date") or call.now + given["days_until_due"] * DAY
    elif sends and doc["due_date"] is None:
        raise missing_parameter("days_until_due")


def _advance(call: Call, doc: Doc) -> None:
    """A draft that advances by itself is finalized after a while."""
    call.forget(doc["id"], "invoice.finalize")
    doc["automatically_finalizes_at"] = doc["created"] + WAIT if doc["auto_advance"] else None
    if doc["auto_advance"]:
        call.later(max(0, doc["created"] + WAIT - call.now), "invoice.finalize", doc["id"])
