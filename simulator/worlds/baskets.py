"""What is in an order, and what it comes to."""

from dataclasses import dataclass

from simulator.chance import Chance
from simulator.worlds.draws import Weights
from simulator.worlds.people import Person
from simulator.worlds.profile import Item, Profile

_QUANTITIES = Weights({1: 84, 2: 12, 3: 3, 4: 1})
# What Stripe takes at most.
_MOST = 90_000_000


@dataclass(slots=True)
class Order:
    """``card`` says which of the person's cards; ``tries`` counts the attempts to pay."""

    person: Person
    reference: str
    description: str
    currency: str
    lines: list[tuple[Item, int]]
    amount: int
    mail: str
    card: int = 0
    tries: int = 0
    proven: bool = False
    # An attempt with it was to be of elevated risk.
    watched: bool = False

    @property
    def metadata(self) -> dict[str, str]:
        return {"order_id": self.reference, "items": str(sum(quantity for _, quantity in self.lines))}


class Counter:
    """A merchant's orders, numbered."""

    def __init__(self, profile: Profile, chance: Chance) -> None:
        self.profile = profile
        self.chance = chance
        self.count = 1000 + chance.below("orders.first", 9000)
        self._lines = Weights(dict(enumerate(profile.lines, 1)))

    def order(self, person: Person, *, lines: int | None = None) -> Order:
        chance, profile = self.chance, self.profile
        self.count += 1
        person.orders += 1
        reference = profile.reference.format(self.count)
        chosen: dict[Item, int] = {}
        for _ in range(lines or self._lines.pick(chance, "orders.lines")):
            chosen[chance.pick("orders.item", profile.catalogue)] = _QUANTITIES.pick(chance, "orders.quantity")
        amount = sum(profile.price(item, person.currency) * quantity for item, quantity in chosen.items())
        return Order(
            person,
            reference,
            _told(chosen),
            person.currency,
            list(chosen.items()),
            min(amount, _MOST),
            chance.pick("orders.mail", person.mails),
            chance.below("orders.card", len(person.cards)),
        )


def _told(chosen: dict[Item, int]) -> str:
    """``Trail shoes ×2 and 3 more``."""
    (first, quantity), *others = chosen.items()
    more = f" and {sum(count for _, count in others)} more" if others else ""
    return f"{first.name}{f' ×{quantity}' if quantity > 1 else ''}{more}"
