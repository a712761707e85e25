"""Capturing what was authorised: all of it, a part, or several parts."""

from simulator.call import Call
from simulator.money.currencies import check_amount
from simulator.payments.refunding import release
from simulator.payments.settling import settle
from simulator.protocol.errors import StripeError
from simulator.store import Doc


def capturable(charge: Doc) -> int:
    """What may still be captured."""
    if charge["captured"] or charge["refunded"] or charge["status"] != "succeeded":
        return 0
    return int(charge["amount"] - charge["amount_captured"])


def capture(call: Call, charge: Doc, amount: int | None = None, *, final: bool = True) -> Doc:
    """Take ``amount`` (by default all that is left); the rest is released, unless more captures are to come."""
    left = capturable(charge)
    _check(charge, amount, left)
    taken = left if amount is None else amount
    rest, first = left - taken, charge["amount_captured"] == 0
    charge["amount_captured"] += taken
    if rest and not final:
        settle(call, charge, amount=taken)
        return call.save("charge", charge, "charge.updated")
    charge["captured"] = True
    # One capture stands in the books with all that was authorised, and the rest as a refund.
    settle(call, charge, amount=left if first else taken, kept=taken)
    call.save("charge", charge, "charge.captured")
    if rest:
        release(call, charge, rest, booked=first)
    return charge


def _check(charge: Doc, amount: int | None, left: int) -> None:
    if charge["captured"]:
        raise StripeError(f"Charge {charge['id']} has already been captured.", code="charge_already_captured")
    if not left:
        message = f"Charge {charge['id']} was refunded, failed or expired, and cannot be captured."
        raise StripeError(message, code="charge_expired_for_capture")
    if amount is None:
        return
    check_amount(amount, charge["currency"], param="amount_to_capture")
    if amount > left:
        message = f"The amount to capture ({amount}) is greater than what can be captured ({left})."
        raise StripeError(message, code="amount_too_large", param="amount_to_capture")
