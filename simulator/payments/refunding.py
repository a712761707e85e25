"""Money back: refunds with their bookings, and what becomes of them later."""

from typing import Any

from simulator.call import Call
from simulator.effects import happen
from simulator.events.emit import difference
from simulator.instruments.cards import behind
from simulator.metadata import merged
from simulator.money.balance import DAY, book, funds
from simulator.money.conversion import settlement
from simulator.money.currencies import check_amount, major
from simulator.protocol.errors import StripeError
from simulator.risk.happenings import can_refund
from simulator.store import Doc

# A refund so soon after its charge takes the charge back, and leaves no reference with the bank.
_REVERSED_WITHIN = 2 * 3600
_REFERENCE_AFTER = 5 * DAY
_RETRY, _GIVE_UP = DAY // 6, 30 * DAY
# How long the test cards take for what their refunds do late.
PROCESSING, FAILS_AFTER = 60, 60
# Nobody knows where to send the money: the customer is asked.
_ASKED = ("customer_balance",)
_TRANSFERS = {"sepa_debit": "eu_bank_transfer", "us_bank_account": "us_bank_transfer"}


def issue(
    call: Call,
    charge: Doc,
    *,
    amount: int,
    reason: str | None,
    metadata: dict[str, Any],
    instructions_email: str | None = None,
) -> Doc:
    """Refund a part of a charge, with all events. StripeError: the charge cannot be refunded so."""
    _check(call, charge, amount)
    refund = _blank(call, charge, amount, reason, metadata)
    if instructions_email:
        refund["instructions_email"] = instructions_email
    _begin(call, refund, charge)
    return _added(call, refund, charge)


def release(
    call: Call,
    charge: Doc,
    amount: int,
    *,
    reason: str | None = None,
    metadata: dict[str, Any] | None = None,
    booked: bool = False,
) -> Doc:
    """Give up what was authorised and not captured; ``booked``: the charge stands in the books with it."""
    refund = _blank(call, charge, amount, reason, metadata or {})
    refund |= {"destination_details": {"card": {"type": "reversal"}, "type": "card"}, "status": "succeeded"}
    if booked:
        _book(call, refund, charge, reporting_category="partial_capture_reversal")
    return _added(call, refund, charge)


def _check(call: Call, charge: Doc, amount: int) -> None:
    left = charge["amount"] - charge["amount_refunded"]
    if charge["status"] == "failed":
        message = f"The charge {charge['id']} failed: there is nothing to refund."
        raise StripeError(message, code="charge_not_refundable", param="charge")
    if not can_refund(call, charge):
        message = f"Charge {charge['id']} has been charged back; cannot issue a refund."
        raise StripeError(message, code="charge_disputed")
    if not left:
        raise StripeError(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    check_amount(amount, charge["currency"])
    if amount > left:
        asked, there = (f"{major(each, charge['currency'])} {charge['currency'].upper()}" for each in (amount, left))
        message = f"Refund amount ({asked}) is greater than unrefunded amount on charge ({there})"
        raise StripeError(message, param="amount")


def _blank(call: Call, charge: Doc, amount: int, reason: str | None, metadata: dict[str, Any]) -> Doc:
    return call.new(
        "refund",
        amount=amount,
        charge=charge["id"],
        currency=charge["currency"],
        destination_details=_destination(call, charge),
        metadata=merged({}, metadata),
        payment_intent=charge["payment_intent"],
        reason=reason,
    )


def _added(call: Call, refund: Doc, charge: Doc) -> Doc:
    _count(charge, refund["amount"])
    if refund["reason"] == "fraudulent":
        charge["fraud_details"] = charge["fraud_details"] | {"user_report": "fraudulent"}
    call.add("refund", refund, "refund.created")
    call.save("charge", charge, "charge.refunded")
    if charge["captured"]:
        happen(call, "refund", charge, reason=refund["reason"])
    return refund


def _count(charge: Doc, amount: int) -> None:
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]


def _begin(call: Call, refund: Doc, charge: Doc) -> None:
    """The first status of a refund, and what is to come."""
    details = charge["payment_method_details"]
    fate = behind(details["card"]["fingerprint"]).refunds if details["type"] == "card" else "succeed"
    if details["type"] in _ASKED:
        refund |= {"status": "requires_action", "next_action": _question(call, refund)}
    elif charge["status"] == "pending":
        _wait(call, refund, "charge_pending")
    elif fate == "pending":
        _book(call, refund, charge)
        refund |= {"status": "pending", "pending_reason": "processing"}
        call.later(PROCESSING, "refund.succeeds", refund["id"])
    elif fate == "fail" or covered(call, charge, refund["amount"]):
        _book(call, refund, charge)
        _succeed(call, refund)
        if fate == "fail":
            call.later(FAILS_AFTER, "refund.fails", refund["id"])
    else:
        _wait(call, refund, "insufficient_funds")


def covered(call: Call, charge: Doc, amount: int) -> bool:
    """Whether the balance pays for a refund: what is available, or the charge's own money while that is pending."""
    into = settlement(call, charge["currency"])
    available, _ = funds(call, into.currency)
    return _own_money(call, charge) is not None or available >= into.of(amount, charge["currency"])


def _own_money(call: Call, charge: Doc) -> int | None:
    """Seconds until the charge's money is available; None when it is."""
    booking = call.find("balance_transaction", charge["balance_transaction"] or "")
    return int(booking["available_on"]) - call.now if booking and booking["status"] == "pending" else None


def _book(call: Call, refund: Doc, charge: Doc, *, reporting_category: str | None = None) -> None:
    card = charge["payment_method_details"]["type"] == "card"
    refund["balance_transaction"] = book(
        call,
        type="refund" if card else "payment_refund",
        amount=-refund["amount"],
        currency=refund["currency"],
        source=refund["id"],
        available_after=_own_money(call, charge) or 0,
        description=f"REFUND FOR {'CHARGE' if card else 'PAYMENT'}",
        reporting_category=reporting_category,
    )["id"]


def _wait(call: Call, refund: Doc, reason: str) -> None:
    refund |= {"status": "pending", "pending_reason": reason}
    call.later(_RETRY, "refund.retries", refund["id"])


def _succeed(call: Call, refund: Doc) -> None:
    refund["status"] = "succeeded"
    refund.pop("pending_reason", None)
    card = (refund["destination_details"] or {}).get("card") or {}
    if card.get("reference_status") == "pending":
        call.later(_REFERENCE_AFTER, "refund.is_referenced", refund["id"])


def _destination(call: Call, charge: Doc) -> Doc | None:
    type_ = charge["payment_method_details"]["type"]
    if type_ in _TRANSFERS:
        return {_TRANSFERS[type_]: {"reference": None, "reference_status": "pending"}, "type": _TRANSFERS[type_]}
    if type_ != "card":
        return {type_: {}, "type": type_} if type_ not in _ASKED else None
    if call.now - charge["created"] < _REVERSED_WITHIN:
        return {"card": {"type": "reversal"}, "type": "card"}
    pending = {"reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund"}
    return {"card": pending, "type": "card"}


def _question(call: Call, refund: Doc) -> Doc:
    sent = {"email_sent_at": call.now, "email_sent_to": refund.get("instructions_email") or ""}
    return {"display_details": {"email_sent": sent, "expires_at": call.now + 45 * DAY}, "type": "display_details"}


# Later


def retry(call: Call, refund: Doc) -> None:
    """What waits for money, or for its charge, is looked at again."""
    charge = call.get("charge", refund["charge"])
    if charge["status"] == "failed":
        end(call, refund, "canceled", "declined")
    elif charge["status"] == "succeeded" and covered(call, charge, refund["amount"]):
        _book(call, refund, charge)
        succeed(call, refund)
    elif call.now - refund["created"] >= _GIVE_UP:
        end(call, refund, "failed", "insufficient_funds")
    else:
        call.later(_RETRY, "refund.retries", refund["id"])


def succeed(call: Call, refund: Doc) -> Doc:
    _succeed(call, refund)
    return tell(call, refund)


def end(call: Call, refund: Doc, status: str, reason: str) -> Doc:
    """Failed or canceled: the money is back on the balance, and the charge may be refunded again."""
    call.forget(refund["id"])
    refund |= {"failure_reason": reason, "status": status}
    for name in ("pending_reason", "next_action"):
        refund.pop(name, None)
    if refund["balance_transaction"]:
        refund["failure_balance_transaction"] = book(
            call,
            type="refund_failure",
            amount=refund["amount"],
            currency=refund["currency"],
            source=refund["id"],
            description="REFUND FAILURE",
        )["id"]
    charge = call.get("charge", refund["charge"])
    _count(charge, -refund["amount"])
    call.save("charge", charge)
    tell(call, refund)
    if status == "failed":
        call.emit("refund.failed", refund)
    happen(call, "refund", charge)
    return refund


def tell(call: Call, refund: Doc) -> Doc:
    """Save a refund that changed, with the event of today and the one of old."""
    changed = difference(call.get("refund", refund["id"]), refund)
    call.save("refund", refund, "refund.updated")
    if changed:
        call.emit("charge.refund.updated", refund, changed)
    return refund
