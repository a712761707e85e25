"""What a charge leaves in the books when its money is taken."""

from simulator.call import Call
from simulator.instruments.cards import behind
from simulator.money.balance import CHARGES_WAIT, book, processing_fee
from simulator.money.sharing import share, withheld
from simulator.store import Doc


def settle(call: Call, charge: Doc, *, amount: int | None = None, kept: int | None = None) -> None:
    """Book ``amount`` of a charge, less the fee for the part of it that is ``kept``; both: all of it.

    The charge names its balance transaction then, and is not stored.
    """
    gross = charge["amount"] if amount is None else amount
    details = charge["payment_method_details"]
    card = details.get("card")
    country = (card or details.get("sepa_debit") or {}).get("country") or "FR"
    taken = gross if kept is None else kept
    fee = processing_fee(taken, charge["currency"], country=country)
    at_once = card is not None and behind(card["fingerprint"]).bypasses_pending
    shared = withheld(call, charge)
    booked = book(
        call,
        type="charge" if card else "payment",
        amount=gross,
        currency=charge["currency"],
        source=charge["id"],
        fees=[("stripe_fee", fee, "Stripe processing fees"), *shared],
        available_after=0 if at_once else CHARGES_WAIT,
        description=charge["description"],
    )
    charge["balance_transaction"] = booked["id"]
    share(call, charge, taken, shared)
