"""What a world knows of payments that it did not make, or made before the process ended."""

from simulator.store import Doc, Window
from simulator.worlds.people import Person
from simulator.worlds.world import Sale, World

_LOOKED_AT = 300


def recall(world: World) -> None:
    """Remember the latest sales of the account, unless some are remembered."""
    if world.sales:
        return
    for charge in world.engine.store.select(world.account, "charge", {}, Window(_LOOKED_AT)):
        if charge["captured"] and charge["payment_intent"] and not (charge["disputed"] or charge["refunded"]):
            world.sales.append(_sale(charge))


def _sale(charge: Doc) -> Sale:
    billing = charge["billing_details"]
    person = Person(
        name=billing["name"] or "",
        mails=[billing["email"] or charge["receipt_email"] or "unknown@mail.example"],
        country=(billing["address"] or {}).get("country") or "",
        address={},
        hour=0,
        cards=[],
        currency=charge["currency"],
        guest=True,
    )
    return Sale(
        *(charge["created"], charge["payment_intent"], charge["id"], charge["amount_captured"], charge["currency"]),
        *(person, charge["metadata"].get("order_id", charge["id"])),
    )
