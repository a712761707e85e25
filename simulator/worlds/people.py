"""Customers: who they are, when they buy, what they pay with, and who comes back."""

from dataclasses import dataclass, field

from simulator.chance import Chance
from simulator.store import Doc
from simulator.worlds import names, plastic
from simulator.worlds.draws import CASES, Weights
from simulator.worlds.plastic import Plastic
from simulator.worlds.profile import Profile

# Out of ten thousand: people with a second address, people with a second card.
_TWO_MAILS, _TWO_CARDS = 900, 2400
# Of how many known people the one whose hours these are comes.
_LOOKED_AT = 4


@dataclass(slots=True)
class Person:
    """``accounts`` holds their customer id by e-mail, ``kept`` the payment methods that those keep, by fingerprint."""

    name: str
    mails: list[str]
    country: str
    address: Doc
    # When they like to buy, in UTC.
    hour: int
    cards: list[Plastic]
    currency: str
    guest: bool
    accounts: dict[str, str] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)
    orders: int = 0


class People:
    """Everybody who ever bought from one merchant."""

    def __init__(self, profile: Profile, chance: Chance) -> None:
        self.profile = profile
        self.chance = chance
        self.known: list[Person] = []
        self._countries = Weights(profile.countries)
        self._currencies = Weights(profile.currencies)

    def buyer(self, now: int) -> Person:
        """Who buys now: somebody known, at one of their hours if possible, or somebody new."""
        if self.known and self.chance.happens("people.returning", self.profile.habits.returning, CASES):
            return self.regular(now)
        person = self.stranger(now)
        if not person.guest:
            self.known.append(person)
        return person

    def regular(self, now: int) -> Person:
        """Somebody known."""
        hour = now // 3600 % 24
        some = [self.chance.pick("people.known", self.known) for _ in range(_LOOKED_AT)]
        return min(some, key=lambda person: min((person.hour - hour) % 24, (hour - person.hour) % 24))

    def stranger(self, now: int) -> Person:
        chance, profile = self.chance, self.profile
        country = self._countries.pick(chance, "people.country")
        name = names.person(chance, country)
        mails = [names.mail(chance, name) for _ in range(1 + chance.happens("people.mails", _TWO_MAILS, CASES))]
        wallets = 1 + chance.happens("people.cards", _TWO_CARDS, CASES)
        return Person(
            name,
            mails,
            country,
            names.place(chance, country),
            now // 3600 % 24,
            [plastic.issued(chance, country, now) for _ in range(wallets)],
            _home(profile, country) or self._currencies.pick(chance, "people.currency"),
            chance.happens("people.guest", profile.habits.guest, CASES),
        )


# Where the shop has their own money, people pay in it.
_MONEY = {"JP": "jpy", "KW": "kwd", "KE": "kes", "US": "usd", "IS": "isk"}


def _home(profile: Profile, country: str) -> str | None:
    currency = _MONEY.get(country)
    return currency if currency in profile.currencies else None
