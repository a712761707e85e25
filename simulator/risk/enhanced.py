"""Enhanced evidence: earlier purchases that prove a customer (Visa), and compliance cases, which cost a fee."""

from typing import Any

from simulator.call import Call
from simulator.protocol.errors import StripeError
from simulator.risk.plans import plan_of
from simulator.store import Doc

CE3 = "visa_compelling_evidence_3"
COMPLIANCE = {"visa": "visa_compliance", "mastercard": "mastercard_compliance"}
DAY = 24 * 3600
OLDEST, YOUNGEST = 364 * DAY, 120 * DAY
_SHORTEST = {"customer_device_fingerprint": 20, "customer_device_id": 15}
_ADDRESS = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
_IDENTIFIERS: Doc = dict.fromkeys(
    (
        *("customer_account_id", "customer_device_fingerprint", "customer_device_id", "customer_email_address"),
        *("customer_purchase_ip", "product_description", "shipping_address"),
    )
)
_PATH = "evidence[enhanced_evidence]"


def types(details: Doc | None) -> list[str]:
    """What a dispute with these ``payment_method_details`` takes beside ordinary evidence."""
    card = (details or {}).get("card") or {}
    if card.get("case_type") == "compliance" and card["network"] in COMPLIANCE:
        return [COMPLIANCE[card["network"]]]
    proves = card.get("network") == "visa" and card["network_reason_code"] == "10.4"
    return [CE3] if proves and card["case_type"] in ("chargeback", "inquiry") else []


def begin(call: Call, dispute: Doc, charge: Doc) -> None:
    """The eligibility of a fresh dispute."""
    eligibility = dispute["evidence_details"]["enhanced_eligibility"]
    for name in dispute["enhanced_eligibility_types"]:
        if name != CE3:
            eligibility[name] = {"status": "requires_fee_acknowledgement"}
        elif plan_of(call, dispute["id"]).any_history or _has_history(call, dispute, charge):
            eligibility[name] = _ce3(call, dispute)
        else:
            eligibility[name] = {"required_actions": [], "status": "not_qualified"}


def stage(call: Call, dispute: Doc, given: dict[str, Any] | None) -> None:
    """Write what was given into the enhanced evidence; None takes it all back."""
    kept = dispute["evidence"]["enhanced_evidence"]
    if given is None:
        kept.clear()
    for name, part in (given or {}).items():
        if name not in dispute["enhanced_eligibility_types"]:
            raise StripeError(f"This dispute is not eligible for {name}.", param=f"{_PATH}[{name}]")
        if name == CE3:
            kept[name] = _proof(call, kept.get(name), part)
        else:
            kept[name] = {"fee_acknowledged": part.get("fee_acknowledged", False)}
    eligibility = dispute["evidence_details"]["enhanced_eligibility"]
    for name, state in eligibility.items():
        if name != CE3:
            known = kept.get(name, {}).get("fee_acknowledged")
            eligibility[name] = {"status": "fee_acknowledged" if known else "requires_fee_acknowledgement"}
        elif state["status"] != "not_qualified":
            eligibility[name] = _ce3(call, dispute)


def check_acknowledged(dispute: Doc) -> None:
    """StripeError: the fee of this kind of dispute was not agreed to."""
    for name, state in dispute["evidence_details"]["enhanced_eligibility"].items():
        if state["status"] == "requires_fee_acknowledgement":
            param = f"{_PATH}[{name}][fee_acknowledged]"
            raise StripeError("You must acknowledge the network fee before you submit evidence.", param=param)


def proven(dispute: Doc) -> bool:
    """The issuer must accept it."""
    eligibility = dispute["evidence_details"]["enhanced_eligibility"]
    return bool(eligibility.get(CE3, {}).get("status") == "qualified")


def costs(dispute: Doc) -> bool:
    """Whether contesting it costs the network's fee."""
    return bool(set(COMPLIANCE.values()) & set(dispute["enhanced_eligibility_types"]))


def _proof(call: Call, old: Doc | None, given: dict[str, Any]) -> Doc:
    path = f"{_PATH}[{CE3}]"
    proof = old or {"disputed_transaction": None, "prior_undisputed_transactions": []}
    if "disputed_transaction" in given:
        before = proof["disputed_transaction"] or _IDENTIFIERS | {"merchandise_or_services": None}
        proof["disputed_transaction"] = _transaction(
            before, given["disputed_transaction"], f"{path}[disputed_transaction]"
        )
    if "prior_undisputed_transactions" in given:
        path = f"{path}[prior_undisputed_transactions]"
        for number, prior in enumerate(given["prior_undisputed_transactions"]):
            call.get("charge", prior["charge"], param=f"{path}[{number}][charge]")
        proof["prior_undisputed_transactions"] = [
            _transaction({"charge": None} | _IDENTIFIERS, prior, f"{path}[{number}]")
            for number, prior in enumerate(given["prior_undisputed_transactions"])
        ]
    return proof


def _transaction(before: Doc, given: dict[str, Any], path: str) -> Doc:
    for name, shortest in _SHORTEST.items():
        if given.get(name) is not None and len(given[name]) < shortest:
            raise StripeError(f"{name} must be at least {shortest} characters.", param=f"{path}[{name}]")
    doc = before | given
    if given.get("shipping_address"):
        doc["shipping_address"] = _ADDRESS | (before["shipping_address"] or {}) | given["shipping_address"]
    return doc


def _ce3(call: Call, dispute: Doc) -> Doc:
    proof = dispute["evidence"]["enhanced_evidence"].get(CE3) or {}
    disputed = proof.get("disputed_transaction") or {}
    priors = proof.get("prior_undisputed_transactions") or []
    charges = {prior["charge"] for prior in priors if _counts(call, dispute, prior["charge"])}
    missing = {
        "missing_customer_identifiers": not priors or not _same_customer([disputed, *priors]),
        "missing_disputed_transaction_description": not disputed.get("product_description"),
        "missing_merchandise_or_services": not disputed.get("merchandise_or_services"),
        "missing_prior_undisputed_transaction_description": not priors
        or not all(prior["product_description"] for prior in priors),
        "missing_prior_undisputed_transactions": len(charges) != 2 or len(priors) != 2,
    }
    actions = [name for name, is_missing in missing.items() if is_missing]
    return {"required_actions": actions, "status": "requires_action" if actions else "qualified"}


def _same_customer(transactions: list[Doc]) -> bool:
    """Two main identifiers agree in all, or one main and one other; a device counts once."""

    def agree(name: str) -> bool:
        values = [transaction.get(name) for transaction in transactions]
        whole = name != "shipping_address" or all((values[0] or {}).get(part) for part in _ADDRESS if part != "line2")
        return bool(values[0]) and whole and all(value == values[0] for value in values)

    main = agree("customer_purchase_ip") + (agree("customer_device_fingerprint") or agree("customer_device_id"))
    others = [agree(name) for name in ("shipping_address", "customer_email_address", "customer_account_id")]
    return main == 2 or (main == 1 and any(others))


def _counts(call: Call, dispute: Doc, name: str) -> bool:
    """Whether a charge is an undisputed purchase of the same card, neither too old nor too new."""
    prior, charge = call.get("charge", name), call.get("charge", dispute["charge"])
    if name == charge["id"] or not prior["paid"] or prior["disputed"]:
        return False
    fits = YOUNGEST <= dispute["created"] - prior["created"] <= OLDEST and _card(prior) == _card(charge)
    return fits or plan_of(call, dispute["id"]).any_history


def _has_history(call: Call, dispute: Doc, charge: Doc) -> bool:
    if charge["customer"] is None:
        return False
    earlier = call.all("charge", customer=charge["customer"])
    return sum(_counts(call, dispute, prior["id"]) for prior in earlier) >= 2


def _card(charge: Doc) -> Any:
    return (charge["payment_method_details"].get("card") or {}).get("fingerprint")
