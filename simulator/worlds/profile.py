"""What there is to know of a merchant: what it sells, to whom and when, and how often what goes wrong."""

from collections.abc import Mapping
from dataclasses import dataclass

from simulator.money.currencies import step


@dataclass(frozen=True, slots=True)
class Item:
    """``price`` in minor units of the merchant's own currency."""

    name: str
    price: int


@dataclass(frozen=True, slots=True)
class Rate:
    """Minor units of a currency for ``per`` of the merchant's own, rounded to multiples of ``nice``."""

    minor: int
    per: int
    nice: int


@dataclass(frozen=True, slots=True)
class Habits:
    """How often, in ten thousand cases of each: orders, unless said otherwise."""

    # An order by somebody who bought before.
    returning: int = 4200
    # A first order by somebody who leaves no account.
    guest: int = 2500
    authenticated: int = 2600
    declined: int = 700
    # A decline after which the customer tries again.
    retried: int = 7200
    # Begun and never paid.
    abandoned: int = 150
    # Authorised, and captured later.
    manual: int = 0
    elevated: int = 90
    blocked: int = 25
    refunded: int = 380
    disputed: int = 60
    warned: int = 35
    # A refund that the bank sends back.
    refund_fails: int = 120
    # A payout that fails.
    payout_fails: int = 150


@dataclass(frozen=True, slots=True)
class Profile:
    """Weights are relative to each other. ``hours``, from midnight, and ``weekdays``, from Monday, are local time."""

    name: str
    title: str
    url: str
    mcc: str
    country: str
    zone: str
    currency: str
    # Orders on an average day.
    daily: int
    catalogue: tuple[Item, ...]
    hours: tuple[int, ...]
    weekdays: tuple[int, ...]
    months: tuple[int, ...]
    countries: Mapping[str, int]
    currencies: Mapping[str, int]
    # Other currencies than its own.
    rates: Mapping[str, Rate]
    # How an order is paid: intent, checkout, link, invoice, debit.
    channels: Mapping[str, int]
    # Orders of one line, of two, and so on.
    lines: tuple[int, ...]
    # Of an order's number; `{}` is the count.
    reference: str
    payouts: str = "daily"
    habits: Habits = Habits()
    # In an average quarter.
    attacks: Mapping[str, int] | None = None

    def price(self, item: Item, currency: str) -> int:
        """In minor units of ``currency``."""
        if currency == self.currency:
            return item.price
        rate = self.rates[currency]
        unit = max(rate.nice, step(currency))
        return max(1, (item.price * rate.minor + rate.per * unit // 2) // (rate.per * unit)) * unit
