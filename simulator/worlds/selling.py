"""The other ways in which an order is paid: Stripe's own pages, links, invoices."""

from typing import Any

from simulator.protocol.errors import StripeError
from simulator.worlds import aftermath, customers, issuers
from simulator.worlds.baskets import Order
from simulator.worlds.draws import Weights, between, parsed
from simulator.worlds.world import World

DAY = 24 * 3600
_ABANDONED = 1200
_INVOICES = Weights(parsed("paid 84, void 6, uncollectible 6, open 4"))


def by_checkout(world: World, order: Order) -> None:
    """On Stripe's page."""
    given: dict[str, Any] = {"line_items": lines(world, order), "success_url": f"{world.profile.url}/thanks"}
    _open_page(world, order, given)


def by_link(world: World, order: Order) -> None:
    """By a link from a letter or a post, for one thing."""
    item, _ = order.lines[0]
    order.lines = [(item, 1)]
    order.amount = world.profile.price(item, order.currency)
    given: dict[str, Any] = {"line_items": lines(world, order), "success_url": f"{world.profile.url}/thanks"}
    given["metadata"] = {"payment_link": world.shelf["link", item.name, order.currency]}
    _open_page(world, order, given)


def by_invoice(world: World, order: Order) -> None:
    """Sent, and paid within some weeks, mostly."""
    order.person.guest = False
    customer = customers.customer(world, order)
    for item, quantity in order.lines:
        unit = world.profile.price(item, order.currency)
        line = {"amount": unit * quantity, "currency": order.currency, "description": f"{quantity} x {item.name}"}
        world.do("POST", "/v1/invoiceitems", customer=customer, **line)
    given = {"collection_method": "send_invoice", "days_until_due": 21, "currency": order.currency}
    given |= {"pending_invoice_items_behavior": "include", "metadata": order.metadata}
    invoice = world.do("POST", "/v1/invoices", customer=customer, **given)["id"]
    world.do("POST", f"/v1/invoices/{invoice}/finalize")
    world.do("POST", f"/v1/invoices/{invoice}/send")
    end = _INVOICES.pick(world.chance, "invoices.end")
    wait = between(world.chance, "invoices.wait", DAY, 24 * DAY)
    if end == "paid":
        world.later(wait, _pay_invoice, order, invoice)
    elif end != "open":
        world.later(30 * DAY + wait, _end_invoice, invoice, "void" if end == "void" else "mark_uncollectible")


def lines(world: World, order: Order) -> list[dict[str, Any]]:
    return [
        {"price": world.shelf["price", item.name, order.currency], "quantity": quantity}
        for item, quantity in order.lines
    ]


def _open_page(world: World, order: Order, given: dict[str, Any]) -> None:
    customer = customers.customer(world, order)
    given |= {"customer": customer} if customer else {"customer_email": order.mail}
    given |= {"mode": "payment", "client_reference_id": order.reference}
    about = {"description": order.description, "metadata": order.metadata}
    session = world.do("POST", "/v1/checkout/sessions", payment_intent_data=about, **given)
    if not world.happens("checkout.abandoned", _ABANDONED):
        world.later(between(world.chance, "checkout.typing", 25, 400), _pay_page, order, session["id"])


def _pay_page(world: World, order: Order, session: str) -> None:
    """One attempt on the page; a declined one is followed by another, or by nothing."""
    issuers.decide(world, order)
    try:
        path = f"/v1/payment_pages/{session}/confirm"
        done = world.do("POST", path, payment_method=customers.method(world, order))
    except StripeError:
        order.tries += 1
        if order.tries < 3 and world.happens("orders.retried", world.profile.habits.retried):
            world.later(between(world.chance, "checkout.again", 20, 300), _pay_page, order, session)
        return
    _sold(world, order, done["payment_intent"])


def _pay_invoice(world: World, order: Order, invoice: str) -> None:
    issuers.decide(world, order)
    path = f"/v1/invoices/{invoice}/pay"
    if world.attempt("POST", path, payment_method=customers.method(world, order)) is None:
        order.tries += 1
        if order.tries < 3:
            world.later(between(world.chance, "invoices.again", DAY // 2, 5 * DAY), _pay_invoice, order, invoice)
        return
    found = world.find("invoice", invoice)
    for payment in world.engine.call(world.account).all("invoice_payment", invoice=invoice) if found else ():
        _sold(world, order, payment["payment"].get("payment_intent"))


def _end_invoice(world: World, invoice: str, how: str) -> None:
    world.attempt("POST", f"/v1/invoices/{invoice}/{how}")


def _sold(world: World, order: Order, intent: str | None) -> None:
    found = world.find("payment_intent", intent) if intent else None
    if found and found["status"] == "succeeded":
        aftermath.paid(world, order, found)
