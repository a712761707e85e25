"""Money in a world, without payments."""

from typing import Any

from simulator.money.balance import book
from simulator.store import Doc
from tests.simulator.worlds import ACCOUNT, World


def booked(world: World, account: str = ACCOUNT, **fields: Any) -> Doc:
    """A balance transaction: at first a charge of 10.00 EUR without a fee, available at once."""
    entry = {"type": "charge", "amount": 1000, "currency": "eur", "source": None} | fields
    with world.engine.transaction():
        return book(world.engine.call(account), **entry)


def available(world: World, currency: str = "eur") -> int:
    """What the balance says."""
    return next(line["amount"] for line in world.get("/v1/balance")["available"] if line["currency"] == currency)
