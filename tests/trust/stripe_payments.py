"""What our payments and attempts must say, from the intents, charges, refunds, disputes and reviews of an account."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.trust.stripe_lists import Books, Doc
from tests.trust.stripe_rows import Values, card_of, code, id_of, payment_of, said, withdrawn

# Money of a refund in one of these is gone from the payment, or may go yet.
LIVE = {"pending", "requires_action", "succeeded"}
# The money is gone, and nobody knows yet for how long.
UNDECIDED = {"needs_response", "under_review", "appeal_needs_response", "appeal_under_review"}
EXPIRED = {"expired", "automatic"}
RAN_OUT = "expired_uncaptured_charge"
UNDER_WAY = {"requires_confirmation", "requires_action", "processing"}
REFERENCES = ("order_id", "order", "order_number", "reference", "invoice_number")


@dataclass
class Gathered:
    """An intent, or a charge without one, with all that belongs to it."""

    intent: Doc | None = None
    charges: list[Doc] = field(default_factory=list)
    refunds: list[Doc] = field(default_factory=list)
    disputes: list[Doc] = field(default_factory=list)
    reviews: list[Doc] = field(default_factory=list)

    @property
    def latest(self) -> Doc:
        """The charge that Stripe calls the latest; empty without any."""
        if self.intent is None:
            return self.charges[0]
        named = id_of(self.intent["latest_charge"])
        return next((each for each in self.charges if each["id"] == named), {})

    @property
    def taken(self) -> list[Doc]:
        """Charges that brought money."""
        return [each for each in self.charges if each["status"] == "succeeded" and each["amount_captured"]]

    @property
    def refunds_total(self) -> int:
        return sum(each["amount"] for each in self.refunds if each["status"] in LIVE)

    @property
    def refunded(self) -> int:
        """What went back of what was paid: without what was never taken, which Stripe notes as a refund, too."""
        taken = {each["id"] for each in self.taken}
        live = [each for each in self.refunds if each["status"] in LIVE and id_of(each["charge"]) in taken]
        released = sum(each["amount"] - each["amount_captured"] for each in self.taken if each["captured"])
        return sum(each["amount"] for each in live) - released


def gather(books: Books) -> dict[str, Gathered]:
    """All payments by their id: the intent's, or the charge's."""
    found: dict[str, Gathered] = defaultdict(Gathered)
    for intent in books.of("intent").values():
        found[intent["id"]].intent = intent
    for charge in books.of("charge").values():
        found[id_of(charge["payment_intent"]) or charge["id"]].charges.append(charge)
    for kind in ("refund", "dispute", "review"):
        for child in books.of(kind).values():
            home = payment_of(books, child)
            if home is not None:
                getattr(found[home], f"{kind}s").append(child)
    return found


def attempt(books: Books, source: Doc) -> Values:
    """A charge. Nothing is captured or refunded of one that has not succeeded, whatever it announces."""
    outcome, billing = source["outcome"] or {}, source["billing_details"]
    taken = source["amount_captured"] if source["status"] == "succeeded" else 0
    captured = source["status"] == "succeeded" and source["captured"]
    released = source["amount"] - taken if captured else 0
    descriptor = source["calculated_statement_descriptor"] or source["statement_descriptor"]
    return {
        "payment_id": id_of(source["payment_intent"]) or source["id"],
        "intent_id": id_of(source["payment_intent"]),
        "status": source["status"],
        "amount": source["amount"],
        "currency": code(source["currency"]),
        "amount_captured": taken,
        "amount_refunded": source["amount_refunded"] - released if captured else 0,
        "captured": captured,
        "expired": not id_of(source["payment_intent"]) and _ran_out(source, books.of("refund").values()),
        "description": said(source["description"]),
        "statement_descriptor": said(descriptor),
        "failure_code": said(source["failure_code"]),
        "decline_code": said(outcome.get("reason")) if source["status"] == "failed" else "",
        "failure_message": said(source["failure_message"]),
        "outcome_type": said(outcome.get("type")),
        "risk_level": said(outcome.get("risk_level")),
        "risk_score": outcome.get("risk_score"),
        "balance_transaction_id": id_of(source["balance_transaction"]),
        "customer_name": said(billing["name"]),
        "customer_email": said(billing["email"]) or said(source["receipt_email"]),
        "customer_external_id": id_of(source["customer"]),
        "metadata": source["metadata"],
        **card_of(source["payment_method_details"] or {}),
        "created_at": source["created"],
    }


def _ran_out(source: Doc, refunds: Iterable[Doc]) -> bool:
    return any(each["reason"] == RAN_OUT for each in refunds if id_of(each["charge"]) == source["id"])


def payment(books: Books, whole: Gathered) -> Values:
    intent, charge = whole.intent or {}, whole.latest
    first = intent or charge
    shown = attempt(books, charge) if charge else {}
    captured = sum(each["amount_captured"] for each in whole.taken)
    lost = sum(withdrawn(each) for each in whole.disputes)
    undecided = sum(each["status"] in UNDECIDED for each in whole.disputes)
    metadata = intent.get("metadata") or charge.get("metadata") or {}
    open_reviews = sum(each["open"] for each in whole.reviews)
    status = _status(whole, captured=captured, lost=lost, undecided=undecided, held=bool(open_reviews))
    return {
        "external_charge_id": charge.get("id", ""),
        "amount": first["amount"],
        "currency": code(first["currency"]),
        "amount_captured": captured,
        "amount_refunded": whole.refunded,
        "refunds_total": whole.refunds_total,
        "open_chargebacks": undecided,
        "amount_lost": lost,
        "open_reviews": open_reviews,
        "status": status,
        "provider_status": intent.get("status", ""),
        "intent": snapshot(intent),
        "description": said(intent.get("description")) or shown.get("description", ""),
        "statement_descriptor": shown.get("statement_descriptor") or said(intent.get("statement_descriptor")),
        "customer_name": shown.get("customer_name", ""),
        "customer_email": shown.get("customer_email") or said(intent.get("receipt_email")),
        "customer_external_id": id_of(intent.get("customer")) or shown.get("customer_external_id", ""),
        "risk_level": shown.get("risk_level", ""),
        "risk_score": shown.get("risk_score"),
        **card_of(charge.get("payment_method_details") or {}),
        **_failure(whole, status),
        "metadata": metadata,
        "reference": next((metadata[name] for name in REFERENCES if metadata.get(name)), ""),
        "created_at": first["created"],
    }


def _status(whole: Gathered, *, captured: int, lost: int, undecided: int, held: bool) -> str:
    if undecided:
        return "disputed"
    if lost:
        return "charged_back"
    if not captured:
        return _unpaid(whole, held=held)
    if whole.refunded:
        return "refunded" if whole.refunded >= captured else "partially_refunded"
    return "held_for_review" if held else "succeeded"


def _unpaid(whole: Gathered, *, held: bool) -> str:
    intent, latest = whole.intent, whole.latest
    status = intent["status"] if intent else ""
    if intent and status == "canceled":
        return "expired" if intent["cancellation_reason"] in EXPIRED else "cancelled"
    if not intent and latest["status"] == "succeeded" and whole.refunds_total >= latest["amount"]:
        return "expired" if _ran_out(latest, whole.refunds) else "cancelled"
    if status == "requires_capture" or (not intent and latest["status"] == "succeeded"):
        return "held_for_review" if held else "authorised"
    if status in UNDER_WAY or (not intent and latest["status"] == "pending"):
        return "in_progress"
    if latest.get("status") == "failed":
        return "blocked" if latest["outcome"]["type"] == "blocked" else "failed"
    return "failed" if intent and intent["last_payment_error"] else "in_progress"


def _failure(whole: Gathered, status: str) -> Values:
    """Why it failed: as the charge says it, where the last error was a charge's."""
    error = (whole.intent or {}).get("last_payment_error") or {}
    latest = whole.latest
    if status not in ("failed", "blocked"):
        return dict.fromkeys(("failure_code", "decline_code", "failure_message"), "")
    if latest and (not error or id_of(error.get("charge")) == latest["id"]):
        return {
            "failure_code": said(latest["failure_code"]),
            "decline_code": said((latest["outcome"] or {}).get("reason")),
            "failure_message": said(latest["failure_message"]),
        }
    return {
        "failure_code": said(error.get("code")),
        "decline_code": said(error.get("decline_code")),
        "failure_message": said(error.get("message")),
    }


def snapshot(intent: Doc) -> dict[str, Any]:
    """What a payment keeps of its intent; nothing without one."""
    if not intent:
        return {}
    error = intent["last_payment_error"] or {}
    return {
        "amount": intent["amount"],
        "amount_received": intent["amount_received"] if intent["status"] == "succeeded" else 0,
        "currency": code(intent["currency"]),
        "created_at": intent["created"],
        "customer_id": id_of(intent["customer"]),
        "failed": bool(error) and intent["status"] == "requires_payment_method",
        "failure_code": said(error.get("code")),
        "decline_code": said(error.get("decline_code")),
        "failure_message": said(error.get("message")),
        "metadata": intent["metadata"],
        **{name: said(intent[name]) for name in ("description", "statement_descriptor", "receipt_email")},
        "cancellation_reason": said(intent["cancellation_reason"]),
    }
