"""From draft to the end: finalize, send, pay, void, write off."""

from simulator.call import Call
from simulator.endpoints import ask, endpoint
from simulator.events.due import timer
from simulator.protocol.errors import StripeError, declined
from simulator.resources.invoices import lines
from simulator.resources.invoices.payments import changed, intent_of, paid, request, withdraw
from simulator.store import Doc

_HOSTED = "https://invoice.stripe.com/i"


@endpoint("POST", "/v1/invoices/{invoice}/finalize", money=True)
def finalize(call: Call, name: str) -> Doc:
    doc = _in(call, name, "draft")
    if "auto_advance" in call.params:
        doc["auto_advance"] = call.params["auto_advance"]
    return finalized(call, doc)


@endpoint("POST", "/v1/invoices/{invoice}/send", money=True)
def send(call: Call, name: str) -> Doc:
    doc = _in(call, name, "draft", "open")
    if not doc["customer_email"]:
        message = "Missing email. In order to create invoices that are sent, the customer must have a valid email."
        raise StripeError(message, param="customer")
    doc = finalized(call, doc) if doc["status"] == "draft" else doc
    call.emit("invoice.sent", doc)
    return doc


@endpoint("POST", "/v1/invoices/{invoice}/pay", money=True)
def pay(call: Call, name: str) -> Doc:
    doc = call.live("invoice", name)
    if doc["status"] == "paid":
        raise StripeError("Invoice is already paid")
    doc = _in(call, name, "draft", "open", "uncollectible")
    doc = finalized(call, doc) if doc["status"] == "draft" else doc
    if call.params.get("paid_out_of_band"):
        withdraw(call, doc)
        doc["amount_paid"] = doc["amount_due"]
        lines.due(doc)
        return paid(call, doc)
    if doc["status"] != "paid":
        _charge(call, doc, call.params.get("payment_method") or call.params.get("source"))
    return call.get("invoice", name)


@endpoint("POST", "/v1/invoices/{invoice}/void", money=True)
def void(call: Call, name: str) -> Doc:
    doc = _in(call, name, "open", "uncollectible")
    withdraw(call, doc)
    doc["status"], doc["status_transitions"]["voided_at"] = "void", call.now
    return changed(call, doc, "invoice.voided")


@endpoint("POST", "/v1/invoices/{invoice}/mark_uncollectible", money=True)
def mark_uncollectible(call: Call, name: str) -> Doc:
    doc = _in(call, name, "open")
    doc["status"], doc["status_transitions"]["marked_uncollectible_at"] = "uncollectible", call.now
    return changed(call, doc, "invoice.marked_uncollectible")


@timer("invoice.finalize", money=True)
def advance(call: Call, name: str) -> None:
    """What a draft that advances by itself does after its hour: it is asked for, and charged where that is wanted."""
    doc = finalized(call, call.get("invoice", name))
    if doc["status"] == "open" and doc["collection_method"] == "charge_automatically":
        _charge(call, doc, None)


def finalized(call: Call, doc: Doc) -> Doc:
    """The invoice gets its number and is asked for; one of nothing is paid at once."""
    call.forget(doc["id"])
    customer = call.live("customer", doc["customer"])
    doc["number"] = doc["number"] or f"{customer['invoice_prefix']}-{customer['next_invoice_sequence']:04}"
    customer["next_invoice_sequence"] += 1
    customer["currency"] = customer["currency"] or doc["currency"]
    call.save("customer", customer, "customer.updated")
    lines.total(call, doc)
    doc["status"], doc["status_transitions"]["finalized_at"] = "open", call.now
    doc |= {"effective_at": doc["effective_at"] or call.now, "automatically_finalizes_at": None}
    doc["hosted_invoice_url"] = f"{_HOSTED}/{call.account}/{doc['id']}"
    doc["invoice_pdf"] = f"{doc['hosted_invoice_url']}/pdf"
    changed(call, doc, "invoice.finalized")
    if doc["amount_remaining"] == 0:
        return paid(call, doc)
    request(call, doc)
    return doc


def _charge(call: Call, doc: Doc, method: str | None) -> None:
    """One attempt. StripeError: nothing to charge, declined, or the customer must act."""
    intent = intent_of(call, doc)
    if intent is None:
        raise StripeError("Nobody is asked to pay this invoice.", code="invoice_not_editable")
    customer = call.live("customer", doc["customer"])
    defaults = (
        *(method, doc["default_payment_method"], doc["default_source"]),
        *(customer["invoice_settings"]["default_payment_method"], customer["default_source"]),
    )
    chosen = next((name for name in defaults if name), None)
    if chosen is None:
        raise StripeError(
            "This customer has no attached payment source or default payment method. Please consider adding a default "
            "payment method.",
            code="resource_missing",
        )
    ask(call, "POST", f"/v1/payment_intents/{intent['id']}/confirm", payment_method=chosen)
    intent = call.get("payment_intent", intent["id"])
    if intent["status"] == "requires_action":
        raise declined(
            "This payment requires additional user action before it can be completed successfully.",
            code="invoice_payment_intent_requires_action",
            payment_intent=intent,
        )


def _in(call: Call, name: str, *statuses: str) -> Doc:
    """The invoice, if it may be dealt with so. StripeError: it is too late or too early for that."""
    doc = call.live("invoice", name)
    if doc["status"] not in statuses:
        wanted = " or ".join(statuses)
        raise StripeError(
            f"This invoice is {doc['status']}; only {wanted} invoices can do that.", code="invoice_not_editable"
        )
    return doc
