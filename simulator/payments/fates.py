"""What an issuer has in mind for the next attempt with a card, which no card of the table stands for."""

from dataclasses import replace

from simulator.call import Call
from simulator.instruments.cards import Card, behind
from simulator.instruments.declines import DECLINES
from simulator.protocol.errors import StripeError

RISKS = ("normal", "elevated", "highest")


def foretell(call: Call, fingerprint: str, *, decline: str | None = None, risk: str = "normal") -> None:
    """Let the next attempt with this card be declined for this reason, or be of this risk; then it is itself again."""
    if decline is not None and decline not in DECLINES:
        raise StripeError(f"No decline code is called {decline}.", param="decline")
    if risk not in RISKS:
        raise StripeError(f"Invalid risk: must be one of {', '.join(RISKS)}", param="risk")
    call.store.set_meta(_name(call, fingerprint), {"decline": decline, "risk": risk})


def met(call: Call, fingerprint: str | None) -> Card:
    """What the card with this fingerprint is to this attempt."""
    told = call.store.meta(_name(call, fingerprint or ""))
    if not told:
        return behind(fingerprint)
    call.store.set_meta(_name(call, fingerprint or ""), None)
    return replace(behind(fingerprint), **told)


def _name(call: Call, fingerprint: str) -> str:
    return f"fate {call.account} {fingerprint}"
