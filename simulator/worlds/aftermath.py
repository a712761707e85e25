"""What comes after a payment: refunds, warnings, reviews, disputes."""

from simulator.money.currencies import step
from simulator.risk import early_warnings, reviewing
from simulator.store import Doc
from simulator.worlds import quarrels
from simulator.worlds.baskets import Order
from simulator.worlds.draws import Weights, between, parsed
from simulator.worlds.world import Sale, World

HOUR, DAY = 3600, 24 * 3600
_EXTENT = Weights(parsed("full 58, part 42"))
_REASONS = Weights(parsed("requested_by_customer 78, none 12, duplicate 10"))
_SOON = Weights(parsed("minutes 18, days 64, weeks 18"))
_WAITS = {"minutes": (600, 7000), "days": (DAY // 2, 14 * DAY), "weeks": (20 * DAY, 62 * DAY)}
_NOT_SENT = Weights(parsed("expired_or_canceled_card 60, lost_or_stolen_card 25, declined 15"))
# Of ten thousand: partial refunds that are followed by another, warnings that lead to a refund, or to a dispute,
# reviews that end in a refund.
_ANOTHER, _HEEDED, _TRUE, _REJECTED = 1500, 3500, 6500, 1800
# So many sales are remembered.
_REMEMBERED = 600


def authorised(world: World, order: Order, intent: Doc) -> None:
    """Some payments are looked at by a person."""
    charge = world.find("charge", intent["latest_charge"]) if order.watched else None
    if charge and charge["outcome"]["risk_level"] == "elevated":
        name = charge["id"]
        review = world.act("/reviews", lambda call: reviewing.open_review(call, call.get("charge", name)), charge=name)
        world.later(between(world.chance, "reviews.wait", HOUR // 2, 2 * DAY), _look, review["id"], name)


def paid(world: World, order: Order, intent: Doc) -> None:
    """Remember the sale, and draw what will become of it."""
    habits = world.profile.habits
    sale = Sale(
        *(world.now, intent["id"], intent["latest_charge"], intent["amount_received"], order.currency),
        *(order.person, order.reference),
    )
    remember(world, sale)
    if intent["capture_method"] != "manual":
        authorised(world, order, intent)
    if world.happens("sales.refunded", habits.refunded):
        wait = _WAITS[_SOON.pick(world.chance, "refunds.when")]
        world.later(between(world.chance, "refunds.wait", *wait), refund, sale)
    elif world.happens("sales.warned", habits.warned):
        world.later(between(world.chance, "warnings.wait", DAY, 12 * DAY), warn, sale)
    elif world.happens("sales.disputed", habits.disputed):
        world.later(quarrels.patience(world), quarrels.dispute, sale)


def remember(world: World, sale: Sale) -> None:
    if len(world.sales) < _REMEMBERED:
        world.sales.append(sale)
    else:
        world.sales[world.chance.below("sales.forgotten", _REMEMBERED)] = sale


def refund(world: World, sale: Sale) -> None:
    """All of it, or a part, and maybe another part."""
    charge = world.find("charge", sale.charge)
    if charge is None or charge["refunded"] or charge["disputed"]:
        return
    left = charge["amount_captured"] - charge["amount_refunded"]
    whole = _EXTENT.pick(world.chance, "refunds.extent") == "full" or left < 2 * step(sale.currency)
    reason = _REASONS.pick(world.chance, "refunds.reason")
    given = {"amount": left if whole else share(world, left, sale.currency), "metadata": {"order_id": sale.reference}}
    if reason != "none":
        given["reason"] = reason
    doc = world.attempt("POST", "/v1/refunds", charge=sale.charge, **given)
    if doc and world.happens("refunds.fails", world.profile.habits.refund_fails):
        world.later(between(world.chance, "refunds.late", 3 * DAY, 25 * DAY), _comes_back, doc["id"])
    if doc and not whole and world.happens("refunds.another", _ANOTHER):
        world.later(between(world.chance, "refunds.wait", DAY, 10 * DAY), refund, sale)


def refund_as_fraud(world: World, charge: str) -> None:
    world.attempt("POST", "/v1/refunds", charge=charge, reason="fraudulent")


def warn(world: World, sale: Sale) -> None:
    """The issuer thinks that it was fraud; often a dispute follows."""
    name = sale.charge
    kind = world.chance.pick("warnings.kind", early_warnings.FRAUD_TYPES)
    world.act(
        "/warnings",
        lambda call: early_warnings.warn(call, call.get("charge", name), kind),
        charge=name,
        fraud_type=kind,
    )
    if world.happens("warnings.heeded", _HEEDED):
        world.later(between(world.chance, "warnings.answer", HOUR, 2 * DAY), refund_as_fraud, name)
    elif world.happens("warnings.true", _TRUE):
        world.later(between(world.chance, "warnings.dispute", 2 * DAY, 25 * DAY), quarrels.dispute, sale, "fraudulent")


def share(world: World, amount: int, currency: str) -> int:
    """A tenth to nine tenths of an amount that has at least two units."""
    unit = step(currency)
    return max(unit, amount * between(world.chance, "amounts.share", 10, 90) // 100 // unit * unit)


def _look(world: World, review: str, charge: str) -> None:
    found = world.find("review", review)
    if found is None or not found["open"]:
        return
    if world.happens("reviews.rejected", _REJECTED):
        refund_as_fraud(world, charge)
    else:
        world.attempt("POST", f"/v1/reviews/{review}/approve")


def _comes_back(world: World, refund: str) -> None:
    reason = _NOT_SENT.pick(world.chance, "refunds.failure")
    world.attempt("POST", f"/v1/test_helpers/refunds/{refund}/fail", reason=reason)
