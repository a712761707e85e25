"""An order is paid: by a payment intent, with declines and second attempts, authentication, and capture."""

from typing import Any

from simulator.protocol.errors import StripeError
from simulator.store import Doc
from simulator.worlds import aftermath, customers, issuers, plastic
from simulator.worlds.baskets import Order
from simulator.worlds.draws import Weights, between, parsed
from simulator.worlds.world import World

MINUTE, HOUR, DAY = 60, 3600, 24 * 3600
_TRIES = 4
# Of ten thousand: those who fail to authenticate, those who leave meanwhile, second attempts with another card.
_FAILS, _LEAVES, _OTHER_CARD = 420, 260, 6000
_CAPTURES = Weights(parsed("all 93, part 4, nothing 3"))
# Where issuers must ask.
_STRONG = frozenset("AT BE DE DK ES FR GB IS IT LU NL".split())  # noqa: SIM905  shorter so


def by_intent(world: World, order: Order) -> None:
    """As a shop with its own payment page."""
    given = described(world, order)
    customer = customers.customer(world, order)
    if customer:
        given["customer"] = customer
    if world.happens("orders.abandoned", world.profile.habits.abandoned):
        intent = world.do("POST", "/v1/payment_intents", **given)
        world.later(DAY, _gives_up, intent["id"])
        return
    if world.profile.habits.manual and world.happens("orders.manual", world.profile.habits.manual):
        given["capture_method"] = "manual"
    given |= {"confirm": True, "payment_method": customers.method(world, order)}
    issuers.decide(world, order)
    confirm(world, order, "/v1/payment_intents", given | asked_to_prove(world, order))


def by_debit(world: World, order: Order) -> None:
    """From a bank account, which answers days later."""
    if order.currency != "eur":
        by_intent(world, order)
        return
    iban = world.chance.pick("orders.iban", _IBANS)
    billing = {"name": order.person.name, "email": order.mail}
    method = world.do(
        "POST", "/v1/payment_methods", type="sepa_debit", sepa_debit={"iban": iban}, billing_details=billing
    )
    online = {"ip_address": "203.0.113.7", "user_agent": "Mozilla/5.0"}
    given = described(world, order) | {"payment_method_types": ["sepa_debit"], "payment_method": method["id"]}
    given |= {"confirm": True, "mandate_data": {"customer_acceptance": {"type": "online", "online": online}}}
    given.pop("automatic_payment_methods", None)
    intent = world.do("POST", "/v1/payment_intents", **given)
    world.later(10 * DAY, _debited, order, intent["id"])


_IBANS = ("DE89370400440532013000", "FR1420041010050500013M02606", "AT611904300234573201", "DE62370400440532013001")


def described(world: World, order: Order) -> dict[str, Any]:
    """What a shop says of an order."""
    person = order.person
    return {
        "amount": order.amount,
        "currency": order.currency,
        "description": order.description,
        "metadata": order.metadata,
        "receipt_email": order.mail,
        "shipping": {"name": person.name, "address": person.address},
        "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
    }


def asked_to_prove(world: World, order: Order) -> dict[str, Any]:
    """Whether the customer is asked to authenticate, decided once an order."""
    share = world.profile.habits.authenticated
    country = order.person.cards[order.card].card.country
    order.proven = world.happens("orders.authenticated", share if country in _STRONG else share // 12)
    return {"payment_method_options": {"card": {"request_three_d_secure": "any"}}} if order.proven else {}


def confirm(world: World, order: Order, path: str, given: dict[str, Any]) -> None:
    """One attempt, and what it leads to."""
    try:
        intent = world.do("POST", path, **given)
    except StripeError as error:
        _declined(world, order, error)
    else:
        go_on(world, order, intent)


def go_on(world: World, order: Order, intent: Doc) -> None:
    """After an attempt that was not declined."""
    match intent["status"]:
        case "requires_action":
            world.later(between(world.chance, "orders.prove", 15, 150), _prove, order, intent["id"])
        case "requires_capture":
            aftermath.authorised(world, order, intent)
            world.later(between(world.chance, "orders.capture", HOUR, 5 * DAY), _capture, order, intent["id"])
        case "succeeded":
            aftermath.paid(world, order, intent)


def _prove(world: World, order: Order, intent: str) -> None:
    """The customer on the bank's page."""
    if world.happens("orders.leaves", _LEAVES):
        world.later(DAY, _gives_up, intent)
        return
    succeed = not world.happens("orders.fails", _FAILS)
    path = f"/v1/test_helpers/payment_intents/{intent}/authenticate"
    confirm(world, order, path, {"succeed": succeed})
    found = world.find("payment_intent", intent)
    if not succeed and found and found["status"] == "requires_payment_method":
        _retry(world, order, intent, None)


def _declined(world: World, order: Order, error: StripeError) -> None:
    intent: Any = error.fields.get("payment_intent")
    if intent is None:
        raise error
    _retry(world, order, intent["id"], error.fields.get("decline_code") or error.code)


def _retry(world: World, order: Order, intent: str, reason: str | None) -> None:
    """Some try again: soon, or when there is money."""
    order.tries += 1
    if order.tries >= _TRIES or not world.happens("orders.retried", world.profile.habits.retried):
        world.later(2 * DAY, _gives_up, intent)
        return
    other = world.happens("orders.other_card", _OTHER_CARD)
    if other:
        _take_other_card(world, order)
    waits = reason == "insufficient_funds" and not other
    wait = between(world.chance, "orders.wait", *((6 * HOUR, 2 * DAY) if waits else (MINUTE // 2, 12 * MINUTE)))
    world.later(wait, _try_again, order, intent, None if other or waits else reason)


def _take_other_card(world: World, order: Order) -> None:
    person = order.person
    if len(person.cards) == 1:
        person.cards.append(plastic.issued(world.chance, person.country, world.now))
    order.card = (order.card + 1) % len(person.cards)


def _try_again(world: World, order: Order, intent: str, was: str | None) -> None:
    found = world.find("payment_intent", intent)
    if found is None or found["status"] not in ("requires_payment_method", "requires_confirmation"):
        return
    issuers.decide(world, order, was=was)
    confirm(world, order, f"/v1/payment_intents/{intent}/confirm", {"payment_method": customers.method(world, order)})


def _capture(world: World, order: Order, intent: str) -> None:
    path = f"/v1/payment_intents/{intent}"
    match _CAPTURES.pick(world.chance, "orders.captured"):
        case "all":
            done = world.attempt("POST", f"{path}/capture")
        case "part":
            part = aftermath.share(world, order.amount, order.currency)
            done = world.attempt("POST", f"{path}/capture", amount_to_capture=part)
        case _:
            world.attempt("POST", f"{path}/cancel", cancellation_reason="requested_by_customer")
            return
    if done and done["status"] == "succeeded":
        aftermath.paid(world, order, done)


def _gives_up(world: World, intent: str) -> None:
    found = world.find("payment_intent", intent)
    if found and found["status"] not in ("succeeded", "canceled", "processing"):
        world.attempt("POST", f"/v1/payment_intents/{intent}/cancel", cancellation_reason="abandoned")


def _debited(world: World, order: Order, intent: str) -> None:
    found = world.find("payment_intent", intent)
    if found and found["status"] == "succeeded":
        aftermath.paid(world, order, found)
