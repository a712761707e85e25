"""Permissions to debit a bank account, given with a payment."""

from typing import Any

from simulator.call import Call
from simulator.store import Doc


def make(call: Call, method: Doc, given: dict[str, Any] | None) -> Doc:
    """The active mandate of a bank account, or a new one with the acceptance that a request tells of."""
    for mandate in call.all("mandate", payment_method=method["id"]):
        return mandate
    said: dict[str, Any] = (given or {}).get("customer_acceptance") or {"type": "offline"}
    type_ = said["type"]
    acceptance: Doc = {"accepted_at": said.get("accepted_at", call.now), "type": type_, type_: said.get(type_) or {}}
    if type_ == "online":
        acceptance["online"] = {"ip_address": None, "user_agent": None} | acceptance["online"]
    doc = call.new("mandate", customer_acceptance=acceptance, payment_method=method["id"])
    reference = call.chance.text("mandate_reference", 16).upper()
    details: Doc = {"type": method["type"], method["type"]: {}}
    if method["type"] == "sepa_debit":
        details["sepa_debit"] = {"reference": reference, "url": f"https://hooks.stripe.com/mandates/{reference}"}
    doc["payment_method_details"] = details
    return call.add("mandate", doc)
