"""What our rows must say of each kind of object, from Stripe's documentation (docs.stripe.com/api) and nothing of ours.

Each function answers column -> value of one object. Links to payments are ids of intents (of a charge without one, the
charge's), times are Unix seconds, an absent text is empty.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tests.trust.stripe_ledger import booking
from tests.trust.stripe_lists import Books, Doc

Values = dict[str, Any]


def said(value: Any) -> str:
    return value if isinstance(value, str) else ""


def id_of(value: Any) -> str:
    """Of another object, expanded or not."""
    return said(value.get("id") if isinstance(value, Mapping) else value)


def code(value: Any) -> str:
    return said(value).upper()


def card_of(details: Doc) -> Values:
    """A payment method, or the `payment_method_details` of a charge."""
    part = details.get(details.get("type") or "") or {}
    return {
        "method_type": said(details.get("type")),
        "brand": said(part.get("brand")),
        "last4": said(part.get("last4")),
        "exp_month": part.get("exp_month"),
        "exp_year": part.get("exp_year"),
        "card_country": said(part.get("country")),
        "fingerprint": said(part.get("fingerprint")),
        "wallet": said((part.get("wallet") or {}).get("type")),
    }


def payment_of(books: Books, child: Doc) -> str | None:
    """The payment that a refund, dispute, warning or review is about."""
    charge = books.of("charge").get(id_of(child.get("charge")))
    if charge is not None:
        return id_of(charge["payment_intent"]) or str(charge["id"])
    return id_of(child.get("payment_intent")) or None


def customer(books: Books, source: Doc) -> Values:
    if source.get("deleted"):
        # All that is left of it.
        return {"deleted": True}
    default = source["invoice_settings"]["default_payment_method"] or source["default_source"]
    return {
        **{name: said(source[name]) for name in ("name", "email", "phone", "description")},
        "currency": code(source["currency"]),
        "languages": ",".join(source["preferred_locales"]),
        "default_method_id": id_of(default),
        "deleted": False,
        "metadata": source["metadata"],
        "created_at": source["created"],
    }


def payment_method(books: Books, source: Doc) -> Values:
    return {
        **card_of(source),
        "customer_id": id_of(source["customer"]),
        "holder_name": said(source["billing_details"]["name"]),
        "holder_email": said(source["billing_details"]["email"]),
        "metadata": source["metadata"] or {},
        "created_at": source["created"],
    }


def refund(books: Books, source: Doc) -> Values:
    destination = source.get("destination_details") or {}
    part = destination.get(destination.get("type") or "") or {}
    texts = ("reason", "failure_reason", "pending_reason", "description")
    bookings = ("balance_transaction", "failure_balance_transaction")
    return {
        "payment_id": payment_of(books, source),
        "charge_id": id_of(source["charge"]),
        "amount": source["amount"],
        "currency": code(source["currency"]),
        "provider_status": source["status"],
        **{name: said(source.get(name)) for name in texts},
        **{f"{name}_id": id_of(source.get(name)) for name in bookings},
        "arn": said(part.get("reference")),
        "metadata": source["metadata"] or {},
        "created_at": source["created"],
    }


def withdrawn(source: Doc) -> int:
    """What a dispute took and has not given back: its bookings tell, never its status."""
    return max(-sum(each["amount"] for each in source["balance_transactions"]), 0)


def dispute(books: Books, source: Doc) -> Values:
    method = source.get("payment_method_details") or {}
    part = method.get(method.get("type") or "") or {}
    details = source["evidence_details"]
    return {
        "payment_id": payment_of(books, source),
        "charge_id": id_of(source["charge"]),
        "provider_status": source["status"],
        "amount": source["amount"],
        "currency": code(source["currency"]),
        "amount_withdrawn": withdrawn(source),
        "fee": max(sum(each["fee"] for each in source["balance_transactions"]), 0),
        "reason": source["reason"],
        "network_reason_code": said(part.get("network_reason_code")) or said(part.get("reason_code")),
        "case_type": said(part.get("case_type")),
        "brand": said(part.get("brand")),
        "is_charge_refundable": source["is_charge_refundable"],
        "due_by": details["due_by"] or None,
        "has_evidence": details["has_evidence"],
        "past_due": details["past_due"],
        "submission_count": details["submission_count"],
        "submission_method": said(details.get("submission_method")),
        "balance_transaction_ids": [each["id"] for each in source["balance_transactions"]],
        "evidence": _evidence(source["evidence"]),
        "metadata": source["metadata"],
        "created_at": source["created"],
    }


def _evidence(fields: Doc) -> dict[str, str]:
    # What has parts of its own is no text; files stand there by their id.
    plain = {name: value for name, value in fields.items() if name != "enhanced_evidence"}
    return {name: id_of(value) for name, value in plain.items() if id_of(value)}


def warning(books: Books, source: Doc) -> Values:
    return {
        "payment_id": payment_of(books, source),
        "charge_id": id_of(source["charge"]),
        "fraud_type": source["fraud_type"],
        "actionable": source["actionable"],
        "created_at": source["created"],
    }


def review(books: Books, source: Doc) -> Values:
    texts = ("reason", "opened_reason", "closed_reason", "ip_address", "billing_zip")
    return {
        "payment_id": payment_of(books, source),
        "charge_id": id_of(source["charge"]),
        "is_open": source["open"],
        **{name: said(source[name]) for name in texts},
        "ip_country": said((source["ip_address_location"] or {}).get("country")),
        "created_at": source["created"],
    }


def payout(books: Books, source: Doc) -> Values:
    texts = ("method", "failure_code", "failure_message", "reconciliation_status", "statement_descriptor")
    references = ("destination", "balance_transaction", "failure_balance_transaction")
    return {
        "amount": source["amount"],
        "currency": code(source["currency"]),
        "provider_status": source["status"],
        "arrival_at": source["arrival_date"],
        "automatic": source["automatic"],
        **{name: said(source[name]) for name in texts},
        **{f"{name}_id": id_of(source[name]) for name in references},
        "trace_id": said((source["trace_id"] or {}).get("value")),
        "description": said(source["description"]),
        "metadata": source["metadata"] or {},
        "created_at": source["created"],
    }


def balance_transaction(books: Books, source: Doc) -> Values:
    fees = [[fee["type"], fee["amount"], code(fee["currency"]), said(fee["description"])] for fee in _fees(source)]
    rate = source["exchange_rate"]
    return {
        **{name: source[name] for name in ("type", "reporting_category", "status", "amount", "fee", "net")},
        "booking": booking(source),
        "currency": code(source["currency"]),
        "exchange_rate": None if rate is None else Decimal(str(rate)),
        "source_id": id_of(source["source"]),
        "description": said(source["description"]),
        "balance_type": said(source["balance_type"]),
        "available_on": source["available_on"],
        "fee_details": fees,
        "created_at": source["created"],
    }


def _fees(source: Doc) -> list[Doc]:
    found: list[Doc] = source["fee_details"]
    return found


def invoice(books: Books, source: Doc) -> Values:
    if source.get("deleted"):
        return {"deleted": True, "provider_status": "deleted"}
    amounts = ("subtotal", "total", "amount_due", "amount_paid", "amount_remaining")
    currency = code(source["currency"])
    return {
        "number": said(source["number"]),
        "provider_status": source["status"],
        "deleted": False,
        "customer_id": id_of(source["customer"]),
        "customer_email": said(source["customer_email"]),
        "currency": currency,
        **{name: source[name] for name in amounts},
        "tax": sum(part["amount"] for part in source["total_taxes"] or []),
        "description": said(source["description"]),
        "due_at": source["due_date"],
        "finalized_at": source["status_transitions"]["finalized_at"],
        "paid_at": source["status_transitions"]["paid_at"],
        "lines": [
            [said(line["description"]), line["quantity"], line["amount"], code(line["currency"])]
            for line in source["lines"]["data"]
        ],
        "metadata": source["metadata"] or {},
        "created_at": source["created"],
    }
