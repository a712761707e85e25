"""Credit notes: what is taken back of an invoice, before it is paid or after."""

from typing import Any

from simulator import percent
from simulator.call import Call
from simulator.endpoints import ask, endpoint
from simulator.kinds import declare, nulls
from simulator.protocol.errors import StripeError, missing, missing_parameter
from simulator.protocol.lists import whole
from simulator.resources.invoices import lines
from simulator.resources.invoices.payments import changed, intent_of, paid, withdraw
from simulator.store import Doc

declare(
    "credit_note",
    prefix="cn",
    url="/v1/credit_notes",
    title="credit note",
    links=("customer", "invoice"),
    template={"amount_shipping": 0, "discount_amount": 0, "discount_amounts": [], "metadata": {}, "refunds": []}
    | {"pretax_credit_amounts": [], "post_payment_amount": 0, "pre_payment_amount": 0, "status": "issued"}
    | {"total_taxes": []}
    | nulls("amount created currency customer customer_account customer_balance_transaction effective_at invoice")
    | nulls("lines memo number out_of_band_amount pdf reason shipping_cost subtotal subtotal_excluding_tax total")
    | nulls("total_excluding_tax type voided_at"),
    money=True,
)
declare(
    "credit_note_line_item",
    prefix="cnli",
    url="/v1/credit_notes/{credit_note}/lines",
    template={"discount_amount": 0, "discount_amounts": [], "pretax_credit_amounts": [], "tax_rates": [], "taxes": []}
    | nulls("amount description metadata quantity type unit_amount unit_amount_decimal"),
)


@endpoint("POST", "/v1/credit_notes", money=True)
def create(call: Call) -> Doc:
    given = call.params
    invoice = call.live("invoice", given["invoice"], param="invoice")
    if invoice["status"] not in ("open", "paid"):
        raise StripeError(f"Invoices that are {invoice['status']} take no credit note.", param="invoice")
    entries = _lines(call, given, invoice)
    amount = sum(entry["amount"] for entry in entries)
    doc = call.new("credit_note", amount=amount, currency=invoice["currency"], customer=invoice["customer"])
    call.update(doc, "memo", "reason")
    before = call.all("credit_note", invoice=invoice["id"])
    doc |= {"invoice": invoice["id"], "effective_at": given.get("effective_at", call.now)}
    doc["number"] = f"{invoice['number']}-CN-{len(before) + 1:02}"
    doc["pdf"] = f"https://pay.stripe.com/credit_notes/{call.account}/{doc['id']}/pdf"
    doc["lines"] = whole(entries, f"/v1/credit_notes/{doc['id']}/lines")
    doc |= dict.fromkeys(("subtotal", "subtotal_excluding_tax", "total", "total_excluding_tax"), amount)
    if invoice["status"] == "open":
        _reduce(call, doc, invoice)
    else:
        _give_back(call, doc, invoice)
    return call.add("credit_note", doc, "credit_note.created")


@endpoint("GET", "/v1/credit_notes/{id}")
def retrieve(call: Call, name: str) -> Doc:
    return call.get("credit_note", name)


@endpoint("POST", "/v1/credit_notes/{id}")
def update(call: Call, name: str) -> Doc:
    return call.save("credit_note", call.update(call.get("credit_note", name), "memo"), "credit_note.updated")


@endpoint("GET", "/v1/credit_notes")
def list_(call: Call) -> Doc:
    return call.page("credit_note", "customer", "invoice")


@endpoint("GET", "/v1/credit_notes/{credit_note}/lines")
def list_lines(call: Call, name: str) -> Doc:
    return call.get("credit_note", name)["lines"]  # type: ignore[no-any-return]


@endpoint("POST", "/v1/credit_notes/{id}/void", money=True)
def void(call: Call, name: str) -> Doc:
    doc = call.get("credit_note", name)
    invoice = call.get("invoice", doc["invoice"])
    if doc["status"] == "void" or doc["type"] != "pre_payment" or invoice["status"] != "open":
        raise StripeError("Only credit notes of open invoices can be voided.")
    invoice["pre_payment_credit_notes_amount"] -= doc["amount"]
    lines.due(invoice)
    _ask_for(call, invoice)
    changed(call, invoice)
    return call.save("credit_note", doc | {"status": "void", "voided_at": call.now}, "credit_note.voided")


def _lines(call: Call, given: dict[str, Any], invoice: Doc) -> list[Doc]:
    if given.get("lines"):
        return [_line(call, one, invoice, f"lines[{number}]") for number, one in enumerate(given["lines"])]
    if "amount" not in given:
        raise missing_parameter("amount")
    unit = {"unit_amount": given["amount"], "unit_amount_decimal": str(given["amount"])}
    return [call.new("credit_note_line_item", type="custom_line_item", amount=given["amount"], quantity=1, **unit)]


def _line(call: Call, given: dict[str, Any], invoice: Doc, param: str) -> Doc:
    doc = call.new("credit_note_line_item", type=given["type"], quantity=given.get("quantity"))
    doc |= {"description": given.get("description"), "metadata": given.get("metadata")}
    if given["type"] == "invoice_line_item":
        name = given.get("invoice_line_item")
        source = call.get("line_item", name, param=f"{param}[invoice_line_item]") if name else None
        if source is None or source["invoice"] != invoice["id"]:
            raise missing("invoice line item", str(name), f"{param}[invoice_line_item]", status=400)
        quantity = doc["quantity"] or source["quantity"]
        amount = given.get("amount", source["amount"] * quantity // source["quantity"])
        return doc | {"amount": amount, "invoice_line_item": name, "description": source["description"]}
    exact = given.get("unit_amount_decimal", given.get("unit_amount"))
    if exact is None or doc["quantity"] is None:
        raise missing_parameter(f"{param}[{'unit_amount' if exact is None else 'quantity'}]")
    amount = percent.rounded(exact * doc["quantity"]) if "unit_amount_decimal" in given else exact * doc["quantity"]
    return doc | {"amount": amount, "unit_amount": given.get("unit_amount"), "unit_amount_decimal": str(exact)}


def _reduce(call: Call, doc: Doc, invoice: Doc) -> None:
    """Before it is paid: less is asked for."""
    if doc["amount"] > invoice["amount_remaining"]:
        raise StripeError("The credit note is larger than what remains of the invoice.", param="amount")
    doc |= {"type": "pre_payment", "pre_payment_amount": doc["amount"]}
    invoice["pre_payment_credit_notes_amount"] += doc["amount"]
    lines.due(invoice)
    if invoice["amount_remaining"] == 0:
        withdraw(call, invoice)
        paid(call, invoice)
    else:
        _ask_for(call, invoice)
        changed(call, invoice)


def _ask_for(call: Call, invoice: Doc) -> None:
    """The payment intent is for what remains."""
    intent = intent_of(call, invoice)
    if intent:
        ask(call, "POST", f"/v1/payment_intents/{intent['id']}", amount=invoice["amount_remaining"])
        [payment] = call.all("invoice_payment", invoice=invoice["id"], status="open")
        call.save("invoice_payment", payment | {"amount_requested": invoice["amount_remaining"]})


def _give_back(call: Call, doc: Doc, invoice: Doc) -> None:
    """After it was paid: refunded, or settled elsewhere."""
    given = call.params
    if given.get("credit_amount"):
        raise StripeError("Credit to the balance of a customer is not simulated.", param="credit_amount")
    if doc["amount"] > invoice["amount_paid"] - invoice["post_payment_credit_notes_amount"]:
        raise StripeError("The credit note is larger than what was paid.", param="amount")
    outside = given.get("out_of_band_amount", 0)
    linked = [_linked(call, one, number) for number, one in enumerate(given.get("refunds", []))]
    back = given.get("refund_amount", 0)
    if back + outside + sum(entry["amount_refunded"] for entry in linked) != doc["amount"]:
        raise StripeError("What is refunded and settled elsewhere must come to the credit note.", param="refund_amount")
    if back:
        [payment] = call.all("invoice_payment", invoice=invoice["id"], status="paid")
        refund = ask(call, "POST", "/v1/refunds", payment_intent=payment["payment"]["payment_intent"], amount=back)
        linked.append(_entry(refund["id"], back))
    doc |= {"type": "post_payment", "post_payment_amount": doc["amount"], "refunds": linked}
    doc["out_of_band_amount"] = outside or None
    invoice["post_payment_credit_notes_amount"] += doc["amount"]
    changed(call, invoice)


def _linked(call: Call, given: dict[str, Any], number: int) -> Doc:
    refund = call.get("refund", given.get("refund", ""), param=f"refunds[{number}][refund]")
    return _entry(refund["id"], given.get("amount_refunded") or refund["amount"])


def _entry(refund: str, amount: int) -> Doc:
    return {"amount_refunded": amount, "payment_record_refund": None, "refund": refund, "type": "refund"}
