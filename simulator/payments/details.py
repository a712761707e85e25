"""`payment_method_details`: what a charge repeats of what it was paid with."""

from typing import TYPE_CHECKING, Any

from simulator.call import Call
from simulator.instruments.methods import shown_card, type_of
from simulator.store import Doc

if TYPE_CHECKING:
    from simulator.payments.charging import Order

_WEEK = 7 * 24 * 3600


def payment_method_details(call: Call, method: Doc, order: "Order") -> Doc:
    type_ = type_of(method)
    if type_ == "card":
        return {"card": _card(call, method, order), "type": "card"}
    shown = {name: value for name, value in method[type_].items() if name in _BANKS.get(type_, ())}
    if type_ == "sepa_debit":
        shown |= {"expected_debit_date": None, "mandate": order.mandate}
    if type_ == "us_bank_account":
        shown |= {"expected_debit_date": None, "mandate": order.mandate, "payment_reference": None}
    return {type_: shown, "type": type_}


_BANKS = {
    "sepa_debit": ("bank_code", "branch_code", "country", "fingerprint", "last4"),
    "us_bank_account": (
        *("account_holder_type", "account_type", "bank_name", "fingerprint", "last4", "routing_number"),
    ),
}


def _card(call: Call, method: Doc, order: "Order") -> Doc:
    shown = shown_card(method)
    kept = ("brand", "checks", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4")
    card: Doc = {name: shown[name] for name in (*kept, "regulated_status", "wallet")}
    card |= {
        "amount_authorized": order.amount,
        "authorization_code": None,
        "extended_authorization": {"status": "disabled"},
        "incremental_authorization": {"status": _asked(order.options, "incremental_authorization")},
        "installments": None,
        "mandate": None,
        "multicapture": {"status": _asked(order.options, "multicapture")},
        "network": card["brand"],
        "network_token": {"used": False},
        "network_transaction_id": call.chance.text("network", 15).upper(),
        "overcapture": {"maximum_amount_capturable": order.amount, "status": "unavailable"},
        "three_d_secure": three_d_secure(call) if order.authenticated else None,
        "transaction_link_id": None,
    }
    if not order.capture:
        card["capture_before"] = call.now + _WEEK
    return card


def _asked(options: dict[str, Any], what: str) -> str:
    wanted = (options.get("card") or {}).get(f"request_{what}")
    return "available" if wanted == "if_available" else "unavailable"


def three_d_secure(call: Call) -> Doc:
    """What a charge says of an authentication that succeeded."""
    return {
        "authentication_flow": "challenge",
        "electronic_commerce_indicator": "05",
        "exemption_indicator": None,
        "result": "authenticated",
        "result_reason": None,
        "transaction_id": call.chance.text("three_d_secure", 36).lower(),
        "version": "2.2.0",
    }
