"""Evidence: 27 fields, what may stand in them, and how much."""

from typing import Any

from simulator.call import Call
from simulator.protocol.errors import StripeError, missing
from simulator.risk import enhanced
from simulator.store import Doc

LONG_TEXTS = (
    *("access_activity_log", "cancellation_policy_disclosure", "cancellation_rebuttal", "duplicate_charge_explanation"),
    *("product_description", "refund_policy_disclosure", "refund_refusal_explanation", "uncategorized_text"),
)
SHORT_TEXTS = (
    *("billing_address", "customer_email_address", "customer_name", "customer_purchase_ip", "duplicate_charge_id"),
    *("service_date", "shipping_address", "shipping_carrier", "shipping_date", "shipping_tracking_number"),
)
FILES = (
    *("cancellation_policy", "customer_communication", "customer_signature", "duplicate_charge_documentation"),
    *("receipt", "refund_policy", "service_documentation", "shipping_documentation", "uncategorized_file"),
)
LONG, SHORT, ALL_TEXT = 20_000, 5000, 150_000
# Each may have 5 MB: a limit that this one contains.
ALL_FILES = 4_500_000
PURPOSE, TYPES = "dispute_evidence", ("pdf", "jpg", "jpeg", "png")


def blank() -> Doc:
    fields: Doc = dict.fromkeys(sorted((*LONG_TEXTS, *SHORT_TEXTS, *FILES)))
    return fields | {"appeal": None, "enhanced_evidence": {}}


def stage(call: Call, dispute: Doc, given: dict[str, Any]) -> None:
    """Write what was given into the dispute's evidence. StripeError: not allowed here, too long, no such file."""
    evidence = dispute["evidence"]
    for name, value in given.items():
        if name == "enhanced_evidence":
            enhanced.stage(call, dispute, value)
        elif name == "appeal":
            evidence["appeal"] = _appeal(call, dispute, value)
        else:
            _check(call, name, value)
            evidence[name] = value
    if sum(len(evidence[name] or "") for name in (*LONG_TEXTS, *SHORT_TEXTS)) > ALL_TEXT:
        raise StripeError(f"All evidence together must be at most {ALL_TEXT} characters.", param="evidence")
    names = {evidence[name] for name in FILES if evidence[name]}
    if sum(call.get("file", name)["size"] for name in names) > ALL_FILES:
        raise StripeError(f"All evidence files together must be at most {ALL_FILES} bytes.", param="evidence")
    dispute["evidence_details"]["has_evidence"] = any(evidence.values())


def _check(call: Call, name: str, value: str | None) -> None:
    param = f"evidence[{name}]"
    if value is None:
        return
    most = LONG if name in LONG_TEXTS else SHORT
    if name in FILES:
        _check_file(call, value, param)
    elif len(value) > most:
        raise StripeError(f"Invalid string: {param} must be at most {most} characters.", param=param)


def _check_file(call: Call, name: str, param: str) -> None:
    file = call.find("file", name)
    if file is None:
        raise missing("file upload", name, param, status=400)
    if file["purpose"] != PURPOSE:
        raise StripeError(f"The file {name} must have the purpose {PURPOSE}, not {file['purpose']}.", param=param)
    if file["type"] not in TYPES:
        raise StripeError(f"The file {name} must be one of {', '.join(TYPES)}.", param=param)


def _appeal(call: Call, dispute: Doc, given: dict[str, Any] | None) -> Doc | None:
    if given is None:
        return None
    param = "evidence[appeal]"
    if dispute["status"] != "appeal_needs_response":
        raise StripeError("This dispute is not at the appeal stage.", param=param)
    card = given.get("card") or {}
    old = (dispute["evidence"]["appeal"] or {}).get("card") or {"reason_for_filing": None, "supporting_files": None}
    for number, name in enumerate(card.get("supporting_files") or []):
        _check_file(call, name, f"{param}[card][supporting_files][{number}]")
    return {"card": old | card}
