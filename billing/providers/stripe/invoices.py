"""Invoices that the processor made, from any API version, in neutral words."""

from collections.abc import Mapping
from typing import Any

from billing.providers.events import InvoiceObserved
from billing.providers.stripe.fields import (
    currency,
    currency_or_none,
    entries,
    flag,
    identity,
    metadata,
    moment_or_none,
    reference,
    section,
    signed,
    text,
    whole,
    within,
)

# Paid and void are never left for each other, so neither is the later.
_RANK = {"draft": 0, "open": 10, "uncollectible": 20, "paid": 30, "void": 30, "deleted": 40}
_UNKNOWN = 15
_FINAL = {"paid", "void", "deleted"}
Line = tuple[str, int, int, str]


def invoice(source: Mapping[str, Any]) -> InvoiceObserved:
    """An invoice, or the stub that is left of a deleted draft. Raises UnreadableObject without id, and, unless it is
    deleted, without total or currency."""
    deleted = flag(source, "deleted") or source.get("status") == "deleted"
    status = "deleted" if deleted else text(source, "status", 40) or _status_before_2018(source)
    code = currency_or_none(source) if deleted else currency(source)
    total = signed(source, "total", code, 0 if deleted else None)
    due = signed(source, "amount_due", code, max(total, 0))
    paid = signed(source, "amount_paid", code, due if status == "paid" else 0)
    changed = section(source, "status_transitions")
    return InvoiceObserved(
        external_id=identity(source),
        status=status,
        rank=_RANK.get(status, _UNKNOWN),
        final=status in _FINAL,
        known=status in _RANK,
        deleted=deleted,
        number=text(source, "number", 80),
        customer_id=reference(source, "customer"),
        customer_email=text(source, "customer_email", 254),
        currency=code,
        subtotal=signed(source, "subtotal", code, total),
        tax=_tax(source, code),
        total=total,
        amount_due=due,
        amount_paid=paid,
        amount_remaining=signed(source, "amount_remaining", code, max(due - paid, 0)),
        description=text(source, "description"),
        due_at=moment_or_none(source, "due_date"),
        finalized_at=moment_or_none(changed, "finalized_at") or moment_or_none(source, "finalized_at"),
        paid_at=moment_or_none(changed, "paid_at"),
        created_at=moment_or_none(source, "created") or moment_or_none(source, "date"),
        lines=tuple(_line(part, code) for part in entries(source, "lines")),
        metadata=metadata(source),
    )


def _status_before_2018(source: Mapping[str, Any]) -> str:
    """Until 2018-11-08 an invoice had no status but flags. ``closed`` only meant that nobody asks for the money."""
    if flag(source, "paid"):
        return "paid"
    if flag(source, "forgiven"):
        return "uncollectible"
    asked = flag(source, "attempted") or flag(source, "closed") or text(source, "billing", 40) == "send_invoice"
    return "open" if asked else "draft"


def _tax(source: Mapping[str, Any], code: str) -> int:
    if "tax" in source:
        return signed(source, "tax", code, 0)
    # One number until 2025-03-31; since then only the parts of it.
    parts = entries(source, "total_taxes") or entries(source, "total_tax_amounts")
    return within(sum(signed(part, "amount", code) for part in parts), "tax")


def _line(part: Mapping[str, Any], code: str) -> Line:
    code = currency_or_none(part) or code
    return text(part, "description"), whole(part, "quantity", 1), signed(part, "amount", code), code
