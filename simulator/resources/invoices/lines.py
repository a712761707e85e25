"""The lines of an invoice and what they come to: discounts first, then taxes."""

from simulator.call import Call
from simulator.endpoints import endpoint
from simulator.kinds import declare, nulls
from simulator.protocol.lists import whole
from simulator.resources import discounts, tax_rates
from simulator.store import Doc

declare(
    "line_item",
    prefix="il",
    url="/v1/invoices/{invoice}/lines",
    title="invoice line item",
    links=("invoice",),
    template={"discount_amounts": [], "discountable": True, "discounts": [], "metadata": {}, "taxes": []}
    | {"pretax_credit_amounts": [], "subtotal": 0}
    | nulls("amount currency description invoice parent period pricing quantity quantity_decimal subscription"),
)


@endpoint("GET", "/v1/invoices/{invoice}/lines")
def list_(call: Call, invoice: str) -> Doc:
    call.live("invoice", invoice)
    return call.page("line_item", url=f"/v1/invoices/{invoice}/lines", invoice=invoice)


def add(call: Call, invoice: str, item: Doc) -> None:
    """A line for an invoice item."""
    same = ("amount", "currency", "description", "discountable", "discounts", "metadata", "period", "pricing")
    doc = call.new("line_item", invoice=invoice, **{name: item[name] for name in (*same, "quantity")})
    doc |= {"subtotal": item["amount"], "quantity_decimal": item["quantity_decimal"]}
    details = {"invoice_item": item["id"], "proration": False, "proration_details": None, "subscription": None}
    doc["parent"] = {"type": "invoice_item_details", "invoice_item_details": details}
    doc["parent"]["subscription_item_details"] = None
    call.add("line_item", doc)


def remove(call: Call, invoice: str, item: str) -> None:
    for line in call.all("line_item", invoice=invoice):
        if line["parent"]["invoice_item_details"]["invoice_item"] == item:
            call.delete("line_item", line)


def total(call: Call, invoice: Doc) -> None:
    """Count the lines together; the invoice is not saved yet."""
    lines = call.all("line_item", invoice=invoice["id"])
    left = _discounted(call, invoice, lines)
    for line in lines:
        _tax(call, invoice, line, left[line["id"]])
        call.save("line_item", line)
    taxes = [tax for line in lines for tax in line["taxes"]]
    extra = sum(tax["amount"] for tax in taxes if tax["tax_behavior"] == "exclusive")
    included = sum(tax["amount"] for tax in taxes) - extra
    invoice["lines"] = whole(lines, f"/v1/invoices/{invoice['id']}/lines")
    invoice["subtotal"] = sum(line["amount"] for line in lines)
    invoice["subtotal_excluding_tax"] = invoice["subtotal"] - included
    invoice["total"] = sum(left.values()) + extra
    invoice["total_excluding_tax"] = invoice["total"] - extra - included
    invoice["total_taxes"] = _by_rate(taxes)
    due(invoice)


def due(invoice: Doc) -> None:
    """What is still to pay, after credit notes and payments."""
    invoice["amount_due"] = max(0, invoice["total"] - invoice["pre_payment_credit_notes_amount"])
    invoice["amount_remaining"] = max(0, invoice["amount_due"] - invoice["amount_paid"])


def _discounted(call: Call, invoice: Doc, lines: list[Doc]) -> dict[str, int]:
    """What is left of each line: its own discounts come off first, those of the invoice are spread over all."""
    left = {}
    for line in lines:
        line["discount_amounts"] = []
        left[line["id"]] = line["amount"]
        for name in line["discounts"]:
            off = discounts.reduction(call, call.get("discount", name), left[line["id"]], line["currency"])
            _take(line, left, name, off)
    totals = []
    discountable = [line for line in lines if line["discountable"] and line["amount"] > 0]
    for name in invoice["discounts"]:
        rest = sum(left[line["id"]] for line in discountable)
        off = discounts.reduction(call, call.get("discount", name), rest, invoice["currency"])
        totals.append({"amount": off, "discount": name})
        for line in discountable:
            part = off * left[line["id"]] // rest if rest else 0
            rest, off = rest - left[line["id"]], off - part
            _take(line, left, name, part)
    own = [entry for line in lines for entry in line["discount_amounts"] if entry["discount"] in line["discounts"]]
    invoice["total_discount_amounts"] = totals + own
    return left


def _take(line: Doc, left: dict[str, int], discount: str, off: int) -> None:
    left[line["id"]] -= off
    line["discount_amounts"].append({"amount": off, "discount": discount})


def _tax(call: Call, invoice: Doc, line: Doc, amount: int) -> None:
    item = call.get("invoiceitem", line["parent"]["invoice_item_details"]["invoice_item"])
    rates = item.get("tax_rates") or invoice["default_tax_rates"]
    line["taxes"] = [tax_rates.tax(rate, amount) for rate in rates]


def _by_rate(taxes: list[Doc]) -> list[Doc]:
    found: dict[str, Doc] = {}
    for tax in taxes:
        name = tax["tax_rate_details"]["tax_rate"]
        if name in found:
            for field in ("amount", "taxable_amount"):
                found[name][field] += tax[field]
        else:
            found[name] = dict(tax)
    return list(found.values())
