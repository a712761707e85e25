"""Money that is taken in one currency and settles in another, at rates that the control door sets and that stay."""

from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from simulator.call import Call
from simulator.money.currencies import digits, step
from simulator.store import Doc


class Settlement(NamedTuple):
    """``rate`` is how much of ``currency`` one of the other is; None where nothing is converted."""

    currency: str
    rate: Decimal | None

    def of(self, amount: int, taken_in: str) -> int:
        """``amount`` of the other currency, half up to what this one has."""
        if self.rate is None:
            return amount
        unit = step(self.currency)
        moved = Decimal(amount).scaleb(digits(self.currency) - digits(taken_in)) * self.rate / unit
        return int(moved.quantize(Decimal(1), ROUND_HALF_UP)) * unit


def settle_into(call: Call, currency: str, rates: dict[str, str]) -> None:
    """From now on the account's movements in the currencies of ``rates`` settle in ``currency``."""
    call.store.set_meta(_name(call), {"currency": currency, "rates": rates})


def settlement(call: Call, currency: str) -> Settlement:
    """Where money of that currency goes."""
    told = call.store.meta(_name(call))
    rate = told["rates"].get(currency) if told else None
    return Settlement(told["currency"], Decimal(rate)) if rate else Settlement(currency, None)


def remember(call: Call, movement: Doc, taken: int) -> None:
    """What a converted movement was before."""
    call.store.set_meta(f"taken {call.account} {movement['id']}", taken)


def taken(call: Call, movement: Doc) -> int:
    """The amount in the currency in which it was taken."""
    told = None if movement["exchange_rate"] is None else call.store.meta(f"taken {call.account} {movement['id']}")
    return int(movement["amount"] if told is None else told)


def _name(call: Call) -> str:
    return f"settlement {call.account}"
