"""What issuers and browsers do, on the control door: an answer to the next attempt, a card that no table has."""

from typing import Any

from simulator.call import Call
from simulator.control.acts import Act
from simulator.instruments import methods
from simulator.instruments.cards import Card
from simulator.payments.fates import foretell
from simulator.store import Doc


def present(call: Call, number: str, exp_month: int, exp_year: int, wallet: str | None = None, **card: Any) -> Doc:
    """{"number", "exp_month", "exp_year", "brand", "country", "funding", "wallet", "billing_details"}: its payment
    method, as a browser makes it."""
    billing = card.pop("billing_details", {})
    return methods.present(call, Card(number, **card), (exp_month, exp_year), billing, wallet)


def fate(call: Call, fingerprint: str, decline: str | None = None, risk: str = "normal") -> Doc:
    """{"decline": a decline code, "risk": "normal", "elevated" or "highest"}, of the next attempt with this card."""
    foretell(call, fingerprint, decline=decline, risk=risk)
    return {"fingerprint": fingerprint, "decline": decline, "risk": risk}


ACTS: dict[str, Act] = {"/cards": present, "/cards/{fingerprint}/fate": fate}
