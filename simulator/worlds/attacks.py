"""What criminals do to a shop: test stolen cards, take over an account; and what customers do who only seem honest."""

from dataclasses import replace

from simulator.protocol.errors import StripeError
from simulator.worlds import aftermath, customers, issuers, names, paying, plastic, quarrels
from simulator.worlds.baskets import Order
from simulator.worlds.draws import between
from simulator.worlds.people import Person
from simulator.worlds.world import Sale, World

MINUTE, DAY = 60, 24 * 3600
# Out of ten thousand cards that are tested: those that work; of these, those whose holders notice.
_WORKS, _NOTICED = 450, 6000
_FAR = ("US", "GB", "BR", "IN", "MX", "PL")


def try_cards(world: World, count: int | None = None) -> None:
    """Somebody tries stolen cards, some a minute, with small orders: nearly all are declined."""
    first = world.chance.below("attacks.mail", 90_000) + 10_000
    cheapest = min(world.profile.catalogue, key=lambda item: item.price)
    at = world.now
    for number in range(count or between(world.chance, "attacks.cards", 90, 320)):
        at += between(world.chance, "attacks.pause", 1, 16)
        world.plan(at, _test, cheapest, f"shopper{first + number // 7}@mail.example")


def takeover(world: World) -> None:
    """Somebody else signs in as a regular customer: other address, dear things, at night; the holder disputes."""
    victims = [person for person in world.people.known if person.kept]
    if not victims:
        return
    victim = world.chance.pick("attacks.victim", victims)
    thief = replace(
        victim, address=names.place(world.chance, world.chance.pick("attacks.far", _FAR)), currency=victim.currency
    )
    dearest = sorted(world.profile.catalogue, key=lambda item: -item.price)[:4]
    for number in range(between(world.chance, "attacks.orders", 2, 4)):
        order = world.counter.order(thief, lines=1)
        order.lines = [(world.chance.pick("attacks.item", dearest), 1 + world.chance.below("attacks.quantity", 2))]
        order.amount = sum(world.profile.price(item, order.currency) * quantity for item, quantity in order.lines)
        world.later(number * between(world.chance, "attacks.next", 4 * MINUTE, 40 * MINUTE), _steal, order)


def friendly(world: World) -> None:
    """A customer who got everything says that nothing came, of two or three orders at once."""
    old = [sale for sale in world.sales if world.now - sale.at > 10 * DAY]
    if not old:
        return
    chosen = world.chance.pick("attacks.sale", old)
    theirs = [sale for sale in old if sale.person is chosen.person][:3]
    reason = world.chance.pick("attacks.reason", ("product_not_received", "fraudulent", "unrecognized"))
    for sale in theirs:
        world.later(between(world.chance, "attacks.call", 0, DAY), quarrels.dispute, sale, reason)


def wave(world: World, count: int | None = None) -> None:
    """Many disputes within some days, as after a late delivery or a leak."""
    sales = list(world.sales)
    for _ in range(min(count or 25, len(sales))):
        sale = sales.pop(world.chance.below("attacks.wave", len(sales)))
        world.later(between(world.chance, "attacks.call", 0, 6 * DAY), quarrels.dispute, sale, "product_not_received")


ATTACKS = {"testing": try_cards, "takeover": takeover, "friendly": friendly, "wave": wave}


def _test(world: World, item: object, mail: str) -> None:
    chance, profile = world.chance, world.profile
    country = chance.pick("attacks.country", _FAR)
    card = plastic.issued(chance, country, world.now, funding="credit")
    card.wallet = None
    name = names.person(chance, country)
    person = Person(name, [mail], country, names.place(chance, country), 0, [card], profile.currency, guest=True)
    order = world.counter.order(person, lines=1)
    order.lines = [(next(one for one in profile.catalogue if one is item), 1)]
    order.amount = profile.price(order.lines[0][0], order.currency)
    works = world.happens("attacks.works", _WORKS)
    if not works:
        issuers.tell(world, order, decline=issuers.STOLEN.pick(chance, "attacks.declined"))
    given = paying.described(world, order) | {"payment_method": customers.method(world, order), "confirm": True}
    try:
        intent = world.do("POST", "/v1/payment_intents", **given)
    except StripeError:
        return
    sale = Sale(world.now, intent["id"], intent["latest_charge"], order.amount, order.currency, person, order.reference)
    if world.happens("attacks.noticed", _NOTICED):
        world.later(between(chance, "attacks.dispute", 3 * DAY, 30 * DAY), quarrels.dispute, sale, "fraudulent")
    else:
        world.later(between(chance, "attacks.refund", 3600, 2 * DAY), aftermath.refund_as_fraud, sale.charge)


def _steal(world: World, order: Order) -> None:
    account = order.person.accounts.get(order.mail)
    given = paying.described(world, order) | {"payment_method": customers.method(world, order), "confirm": True}
    given |= {"customer": account} if account else {}
    try:
        intent = world.do("POST", "/v1/payment_intents", **given)
    except StripeError:
        return
    sale = Sale(
        world.now, intent["id"], intent["latest_charge"], order.amount, order.currency, order.person, order.reference
    )
    world.later(between(world.chance, "attacks.warning", DAY, 6 * DAY), aftermath.warn, sale)
    world.later(between(world.chance, "attacks.dispute", 7 * DAY, 30 * DAY), quarrels.dispute, sale, "fraudulent")
