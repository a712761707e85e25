"""One attempt to take money: what the issuer or the bank says, and the charge that tells of it."""

from dataclasses import dataclass, field
from typing import Any

from simulator import ids
from simulator.addresses import contact
from simulator.call import Call
from simulator.effects import happen
from simulator.instruments.cards import Card
from simulator.instruments.declines import DECLINES, Decline
from simulator.instruments.methods import bank_behind, billing_of, card_behind, fingerprint_of, type_of
from simulator.payments import fates
from simulator.payments.details import payment_method_details
from simulator.payments.settling import settle
from simulator.risk.value_lists import is_blocked
from simulator.store import Doc

_COPIED = (
    *("application_fee_amount", "description", "metadata", "on_behalf_of", "receipt_email", "shipping"),
    *("statement_descriptor", "statement_descriptor_suffix", "transfer_data", "transfer_group"),
)
_HIGH_RISK = "block_if_high_risk"


@dataclass(frozen=True, slots=True)
class Order:
    """What to charge. ``asynchronous``: the balance transaction comes after the charge's first event; ``refused``: the
    issuer declines whatever the card is."""

    amount: int
    currency: str
    capture: bool = True
    asynchronous: bool = False
    customer: str | None = None
    intent: str | None = None
    options: dict[str, Any] = field(default_factory=dict)
    authenticated: bool = False
    refused: Decline | None = None
    mandate: str | None = None
    fields: Doc = field(default_factory=dict)


def said(call: Call, given: dict[str, Any]) -> Doc:
    """What the caller of the old way says of a charge."""
    found = {name: given[name] for name in _COPIED if name in given}
    if "shipping" in found:
        found["shipping"] = contact(found["shipping"])
    if "transfer_data" in found:
        found["transfer_data"] = {"amount": None} | found["transfer_data"]
    return found | {"metadata": given.get("metadata") or {}}


def copied(intent: Doc) -> Doc:
    """What a charge takes over from its payment intent."""
    found = {name: intent[name] for name in _COPIED}
    if found["transfer_data"]:
        found["transfer_data"] = {"amount": None} | found["transfer_data"]
    return found


def attempt(call: Call, method: Doc, order: Order) -> tuple[Doc, Decline | None]:
    """A charge with its event, and why it failed. It is authorised, captured, pending or failed."""
    type_ = type_of(method)
    charge = _blank(call, method, order, type_)
    if type_ != "card":
        return _debit(call, charge), None
    card = fates.met(call, fingerprint_of(method))
    rule = _blocked(call, charge, method, card)
    decline = DECLINES["fraudulent"] if rule else order.refused or card.declined
    if decline:
        charge |= {"failure_code": decline.code, "failure_message": decline.message}
        charge["outcome"] = _block(call, rule) if rule else _decline(call, decline)
        return call.add("charge", charge, "charge.failed"), decline
    charge |= {"outcome": _approval(call, card), "paid": True, "status": "succeeded"}
    charge["receipt_url"] = f"https://pay.stripe.com/receipts/{charge['id']}"
    if order.capture:
        charge |= {"captured": True, "amount_captured": order.amount}
    if order.capture and not order.asynchronous:
        settle(call, charge)
    return call.add("charge", charge, "charge.succeeded"), None


def paid(call: Call, method: Doc, order: Order) -> Doc:
    """A charge of money that is there already; not stored, not booked."""
    outcome = _outcome("approved_by_network", "Payment complete.", "authorized") | {"risk_level": "not_assessed"}
    more = {"amount_captured": order.amount, "captured": True, "outcome": outcome, "paid": True, "status": "succeeded"}
    return _blank(call, method, order, type_of(method)) | more


def consequences(call: Call, charge: Doc, *, capture: bool = False) -> None:
    """What else the test card stands for: a review once it is authorised, the rest once its money is taken.

    ``capture``: it was authorised before.
    """
    if charge["status"] != "succeeded":
        return
    for name in _effects(charge):
        if not capture if name == "review" else charge["captured"]:
            happen(call, name, charge)


def _effects(charge: Doc) -> tuple[str, ...]:
    details = charge["payment_method_details"]
    method = {"object": "payment_method", **details}
    return card_behind(method).effects if details["type"] == "card" else bank_behind(method).effects


def _blank(call: Call, method: Doc, order: Order, type_: str) -> Doc:
    # Payments by other means than cards are charges with an id of another form.
    name = ids.new_id(call.chance, "ch" if type_ == "card" else "py")
    return call.new(
        "charge",
        id=name,
        amount=order.amount,
        currency=order.currency,
        customer=order.customer,
        payment_intent=order.intent,
        payment_method=method["id"],
        payment_method_details=payment_method_details(call, method, order),
        billing_details=billing_of(method),
        calculated_statement_descriptor=_descriptor(order.fields),
        source=method if method["object"] == "card" and order.intent is None else None,
        **order.fields,
    )


def _debit(call: Call, charge: Doc) -> Doc:
    """The bank answers later."""
    outcome = _outcome("approved_by_network", "Payment complete.", "authorized") | {"risk_level": "not_assessed"}
    charge |= {"amount_captured": charge["amount"], "captured": True, "outcome": outcome, "status": "pending"}
    return call.add("charge", charge, "charge.pending")


def _descriptor(fields: Doc) -> str:
    said_ = fields.get("statement_descriptor") or "COUNTERFOIL TEST"
    suffix = fields.get("statement_descriptor_suffix")
    return f"{said_}* {suffix}" if suffix else str(said_)


def _blocked(call: Call, charge: Doc, method: Doc, card: Card) -> str | None:
    """The rule that stops a payment before its issuer is asked."""
    if card.risk == "highest":
        return _HIGH_RISK
    email = charge["receipt_email"] or charge["billing_details"]["email"]
    details = {"card_fingerprint": fingerprint_of(method), "customer_id": charge["customer"], "email": email}
    alias = is_blocked(call, details)
    return f"block_if_in_{alias}" if alias else None


def _block(call: Call, rule: str) -> Doc:
    high = rule == _HIGH_RISK
    outcome = _outcome("not_sent_to_network", "Stripe blocked this payment as too risky.", "blocked")
    outcome |= {"reason": "highest_risk_level" if high else "rule", "rule": rule}
    return outcome | (_risk(call, "highest", 75, 100) if high else _risk(call, "normal", 0, 64))


def _decline(call: Call, decline: Decline) -> Doc:
    message = "The bank did not return any further details with this decline."
    if decline.decline_code not in ("generic_decline", None):
        message = f"The bank returned the decline code `{decline.decline_code}`."
    outcome = _outcome("declined_by_network", message, "issuer_declined") | _risk(call, "normal", 0, 64)
    return outcome | {
        "advice_code": decline.advice,
        "network_decline_code": decline.network,
        "reason": decline.decline_code,
    }


def _approval(call: Call, card: Card) -> Doc:
    if card.risk == "elevated":
        message = "Stripe evaluated this payment as having elevated risk, and placed it in your manual review queue."
        outcome = _outcome("approved_by_network", message, "manual_review")
        return (
            outcome
            | {"reason": "elevated_risk_level", "rule": "manual_review_if_elevated_risk"}
            | _risk(call, "elevated", 65, 74)
        )
    return _outcome("approved_by_network", "Payment complete.", "authorized") | _risk(call, "normal", 0, 64)


def _risk(call: Call, level: str, least: int, most: int) -> Doc:
    return {"risk_level": level, "risk_score": least + call.chance.below("risk", most - least + 1)}


def _outcome(network_status: str, message: str, type_: str) -> Doc:
    nothing = dict.fromkeys(("advice_code", "network_advice_code", "network_decline_code", "reason"))
    return {**nothing, "network_status": network_status, "seller_message": message, "type": type_}
