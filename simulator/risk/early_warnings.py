"""Early fraud warnings: a card's issuer says that a charge may be fraud, before any dispute or after it."""

from simulator.call import Call
from simulator.store import Doc

KIND = "radar.early_fraud_warning"
FRAUD_TYPES = (
    *("card_never_received", "fraudulent_card_application", "made_with_counterfeit_card", "made_with_lost_card"),
    *("made_with_stolen_card", "misc", "unauthorized_use_of_card"),
)


def warn(call: Call, charge: Doc, fraud_type: str = "misc") -> Doc:
    warning = call.new(KIND, actionable=_is_actionable(charge), charge=charge["id"], fraud_type=fraud_type)
    if charge["payment_intent"]:
        warning["payment_intent"] = charge["payment_intent"]
    return call.add(KIND, warning, f"{KIND}.created")


def settle(call: Call, charge: str) -> None:
    """Once the charge is disputed or all refunded, nothing can be done about its warnings."""
    if _is_actionable(call.get("charge", charge)):
        return
    for warning in reversed(call.all(KIND, charge=charge)):
        call.save(KIND, warning | {"actionable": False}, f"{KIND}.updated")


def _is_actionable(charge: Doc) -> bool:
    return not charge["disputed"] and not charge["refunded"]
