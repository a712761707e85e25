"""Paid charges and uploaded files in the form in which Stripe shows them, without the payments that lead to them."""

from typing import Any

from simulator.kinds import KINDS, declare, nulls
from simulator.money.balance import book
from simulator.store import Doc
from tests.simulator.worlds import ACCOUNT, World

_CARD: Doc = {
    "brand": "visa",
    "checks": nulls("address_line1_check address_postal_code_check cvc_check"),
    "country": "FR",
    "exp_month": 8,
    "exp_year": 2030,
    "fingerprint": "AOB934RVNwzk6xtn",
    "funding": "credit",
    "last4": "4242",
    "network": "visa",
}
_CHARGE: Doc = {
    "amount": 10_000,
    "amount_captured": 10_000,
    "amount_refunded": 0,
    "billing_details": nulls("address email name phone tax_id"),
    "captured": True,
    "currency": "eur",
    "disputed": False,
    "fraud_details": {},
    "metadata": {},
    "outcome": nulls("advice_code network_advice_code network_decline_code network_status reason seller_message")
    | {"type": "authorized"},
    "paid": True,
    "refunded": False,
    "refunds": {"object": "list", "data": [], "has_more": False, "url": "/v1/charges/ch/refunds"},
    "status": "succeeded",
} | nulls(
    "application application_fee application_fee_amount balance_transaction calculated_statement_descriptor created"
    " customer description failure_balance_transaction failure_code failure_message on_behalf_of payment_intent"
    " payment_method payment_method_details receipt_email receipt_number receipt_url review shipping source"
    " source_transfer statement_descriptor statement_descriptor_suffix transfer_data transfer_group"
)
_FILE: Doc = {
    "created": 0,
    "links": {"object": "list", "data": [], "has_more": False, "url": "/v1/file_links"},
    "object": "file",
    "purpose": "dispute_evidence",
    "size": 1000,
    "type": "pdf",
} | nulls("expires_at filename title url")

if "charge" not in KINDS:
    declare(
        "charge", prefix="ch", url="/v1/charges", links=("customer", "payment_intent"), template=_CHARGE, money=True
    )


def paid(world: World, *, card: dict[str, Any] | None = None, method: str = "card", **fields: Any) -> Doc:
    """A charge that was paid and booked. ``card``: details of it that differ."""
    details = {"card": _CARD | (card or {})} if method == "card" else {method: {}}
    with world.engine.transaction():
        call = world.engine.call(ACCOUNT)
        fields = {"created": call.now, "amount_captured": fields.get("amount", _CHARGE["amount"])} | fields
        charge = call.new("charge", **_CHARGE | fields)
        charge["payment_method_details"] = details | {"type": method}
        txn = book(call, type="charge", amount=charge["amount"], currency=charge["currency"], source=charge["id"])
        return call.add("charge", charge | {"balance_transaction": txn["id"]})


def change(world: World, charge: Doc, **fields: Any) -> Doc:
    """As refunds change it."""
    with world.engine.transaction():
        return world.engine.call(ACCOUNT).save("charge", charge | fields)


def uploaded(world: World, name: str, **fields: Any) -> str:
    doc = _FILE | {"id": name, "created": world.engine.clock.now()} | fields
    with world.engine.transaction():
        world.engine.store.insert(ACCOUNT, "file", doc, {})
    return name
