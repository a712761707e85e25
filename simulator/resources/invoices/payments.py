"""How invoices are paid: the payment intent of each, and what becomes of the invoice when it moves."""

from simulator.call import Call
from simulator.endpoints import ask, endpoint
from simulator.events.follow import follow
from simulator.kinds import declare, include, nulls
from simulator.protocol.lists import whole
from simulator.resources.invoices import lines
from simulator.store import Doc

declare(
    "invoice_payment",
    prefix="inpay",
    url="/v1/invoice_payments",
    title="invoice payment",
    links=("invoice", "status", "payment.payment_intent"),
    template={"is_default": True, "status": "open", "status_transitions": nulls("canceled_at paid_at")}
    | nulls("amount_paid amount_requested created currency invoice payment"),
    money=True,
)


@endpoint("GET", "/v1/invoice_payments/{invoice_payment}")
def retrieve(call: Call, name: str) -> Doc:
    return call.get("invoice_payment", name)


@endpoint("GET", "/v1/invoice_payments")
def list_(call: Call) -> Doc:
    intent = call.params.get("payment", {}).get("payment_intent")
    fixed = {"payment.payment_intent": intent} if intent else {}
    return call.page("invoice_payment", "invoice", "status", **fixed)


@include("invoice", "payments")
def payments(call: Call, invoice: Doc) -> Doc:
    return whole(call.all("invoice_payment", invoice=invoice["id"]), "/v1/invoice_payments")


@include("invoice", "confirmation_secret")
def confirmation_secret(call: Call, invoice: Doc) -> Doc | None:
    intent = intent_of(call, invoice)
    return {"client_secret": intent["client_secret"], "type": "payment_intent"} if intent else None


def request(call: Call, invoice: Doc) -> None:
    """Ask for what an invoice comes to."""
    types = invoice["payment_settings"]["payment_method_types"]
    amount, currency = invoice["amount_remaining"], invoice["currency"]
    wanted = {"amount": amount, "currency": currency, "customer": invoice["customer"], "payment_method_types": types}
    wanted["description"] = f"Payment for invoice {invoice['number']}"
    intent = ask(call, "POST", "/v1/payment_intents", **wanted)
    doc = call.new("invoice_payment", amount_requested=amount, currency=currency, invoice=invoice["id"])
    doc["payment"] = {"type": "payment_intent", "payment_intent": intent["id"]}
    call.add("invoice_payment", doc)


def intent_of(call: Call, invoice: Doc) -> Doc | None:
    """The payment intent that asks for the invoice, while it does."""
    open_ = call.all("invoice_payment", invoice=invoice["id"], status="open")
    return call.get("payment_intent", open_[0]["payment"]["payment_intent"]) if open_ else None


def withdraw(call: Call, invoice: Doc) -> None:
    """Nobody is to pay it any more."""
    for payment in call.all("invoice_payment", invoice=invoice["id"], status="open"):
        payment["status"], payment["status_transitions"]["canceled_at"] = "canceled", call.now
        call.save("invoice_payment", payment)
        ask(call, "POST", f"/v1/payment_intents/{payment['payment']['payment_intent']}/cancel")


def changed(call: Call, invoice: Doc, *events: str) -> Doc:
    """Save it, and tell of it by these names, too."""
    call.save("invoice", invoice, "invoice.updated")
    for event in events:
        call.emit(event, invoice)
    return invoice


def paid(call: Call, invoice: Doc) -> Doc:
    """Nothing is left to pay."""
    invoice["status"], invoice["status_transitions"]["paid_at"] = "paid", call.now
    invoice["attempted"], invoice["next_payment_attempt"] = True, None
    call.forget(invoice["id"])
    return changed(call, invoice, "invoice.paid", "invoice.payment_succeeded")


@follow("payment_intent.succeeded")
def succeeded(call: Call, intent: Doc) -> None:
    for payment, invoice in _asked_by(call, intent):
        payment |= {"status": "paid", "amount_paid": intent["amount_received"]}
        payment["status_transitions"]["paid_at"] = call.now
        call.save("invoice_payment", payment, "invoice_payment.paid")
        invoice["amount_paid"] += intent["amount_received"]
        invoice["attempt_count"] += 1
        lines.due(invoice)
        paid(call, invoice)


@follow("payment_intent.payment_failed")
def failed(call: Call, intent: Doc) -> None:
    for _, invoice in _asked_by(call, intent):
        _attempted(call, invoice, "invoice.payment_failed")


@follow("payment_intent.requires_action")
def action_required(call: Call, intent: Doc) -> None:
    for _, invoice in _asked_by(call, intent):
        _attempted(call, invoice, "invoice.payment_action_required")


def _attempted(call: Call, invoice: Doc, event: str) -> None:
    invoice["attempt_count"] += 1
    invoice["attempted"] = True
    changed(call, invoice, event)


def _asked_by(call: Call, intent: Doc) -> list[tuple[Doc, Doc]]:
    found = call.all("invoice_payment", **{"payment.payment_intent": intent["id"], "status": "open"})
    return [(payment, call.get("invoice", payment["invoice"])) for payment in found]
