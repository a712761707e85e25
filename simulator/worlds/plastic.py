"""Cards that people carry: numbers that stand in no table, by what is usual in their country."""

from dataclasses import dataclass
from datetime import UTC, datetime

from simulator.chance import Chance
from simulator.instruments.cards import Card
from simulator.worlds.draws import Weights, parsed

_BRANDS = {
    country: Weights(parsed(weights))
    for country, weights in {
        "FR": "visa 44, mastercard 51, amex 5",
        "DE": "visa 42, mastercard 54, amex 4",
        "US": "visa 52, mastercard 25, amex 16, discover 7",
        "JP": "visa 42, jcb 36, mastercard 20, amex 2",
        "KE": "visa 72, mastercard 28",
        "CN": "unionpay 70, visa 20, mastercard 10",
        "": "visa 60, mastercard 37, amex 3",
    }.items()
}
_FUNDING = {
    country: Weights(parsed(weights))
    for country, weights in {
        "US": "credit 62, debit 35, prepaid 3",
        "JP": "credit 84, debit 13, prepaid 3",
        "": "debit 66, credit 31, prepaid 3",
    }.items()
}
_WALLETS = Weights(parsed("none 66, apple_pay 20, google_pay 11, link 3"))
# First digits and length.
_NUMBERS = {
    "visa": ("4", 16),
    "mastercard": ("53", 16),
    "amex": ("37", 15),
    "discover": ("6011", 16),
    "jcb": ("35", 16),
    "unionpay": ("62", 16),
}


@dataclass(slots=True)
class Plastic:
    card: Card
    until: tuple[int, int]
    wallet: str | None


def issued(chance: Chance, country: str, now: int, *, funding: str | None = None) -> Plastic:
    """A card of this country, good for one to four years more."""
    brand = (_BRANDS.get(country) or _BRANDS[""]).pick(chance, "cards.brand")
    kind = funding or (_FUNDING.get(country) or _FUNDING[""]).pick(chance, "cards.funding")
    wallet = _WALLETS.pick(chance, "cards.wallet")
    until = (
        1 + chance.below("cards.month", 12),
        datetime.fromtimestamp(now, UTC).year + 1 + chance.below("cards.year", 4),
    )
    card = Card(_number(chance, brand), brand=brand, country=country, funding=kind)
    return Plastic(card, until, wallet if wallet != "none" else None)


def _number(chance: Chance, brand: str) -> str:
    start, length = _NUMBERS[brand]
    missing = length - 1 - len(start)
    number = f"{start}{chance.below('cards.number', 10**missing):0{missing}}"
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(number))]
    return f"{number}{-sum(digit - 9 * (digit > 9) for digit in doubled) % 10}"
