"""What a merchant's site makes of a buyer: a customer, a payment method."""

from simulator.instruments import methods
from simulator.store import Doc
from simulator.worlds.baskets import Order
from simulator.worlds.people import Person
from simulator.worlds.plastic import Plastic
from simulator.worlds.world import World

# First orders that keep the card for the next one; customers who keep a card without an order.
_KEPT, _SET_UP = 5500, 120


def customer(world: World, order: Order) -> str | None:
    """The customer's id, made if this is their first order with this e-mail; guests have none."""
    person = order.person
    if person.guest:
        return None
    known = person.accounts.get(order.mail)
    if known is None:
        address = person.address
        doc = world.do("POST", "/v1/customers", email=order.mail, name=person.name, address=address)
        known = person.accounts[order.mail] = doc["id"]
        if world.happens("customers.set_up", _SET_UP):
            _set_up(world, order, known)
    return known


def method(world: World, order: Order) -> str:
    """A payment method of the card that the order is paid with: the one that was kept, or a new one."""
    person, plastic = order.person, order.person.cards[order.card]
    account = person.accounts.get(order.mail)
    key = f"{account} {plastic.card.number}"
    kept = person.kept.get(key)
    if kept:
        return kept
    name = str(present(world, person, plastic, order.mail)["id"])
    if account and plastic.wallet is None and world.happens("customers.kept", _KEPT):
        world.do("POST", f"/v1/payment_methods/{name}/attach", customer=account)
        person.kept[key] = name
    return name


def present(world: World, person: Person, plastic: Plastic, mail: str) -> Doc:
    billing = {"address": person.address, "email": mail, "name": person.name}
    call = world.engine.call(world.account)
    return methods.present(call, plastic.card, plastic.until, billing, plastic.wallet)


def _set_up(world: World, order: Order, account: str) -> None:
    person, plastic = order.person, order.person.cards[order.card]
    name = present(world, person, plastic, order.mail)["id"]
    world.do("POST", "/v1/setup_intents", customer=account, payment_method=name, confirm=True, **_NO_REDIRECTS)
    person.kept[f"{account} {plastic.card.number}"] = name


_NO_REDIRECTS = {"automatic_payment_methods": {"enabled": True, "allow_redirects": "never"}}
