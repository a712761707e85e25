"""What issuers say: reasons for declines, and the risk that a payment is."""

from simulator.payments.fates import foretell
from simulator.worlds.baskets import Order
from simulator.worlds.draws import Weights, parsed
from simulator.worlds.world import World

REASONS = Weights(
    parsed(
        "generic_decline 34, insufficient_funds 28, do_not_honor 12, incorrect_cvc 6, transaction_not_allowed 5, "
        "expired_card 4, processing_error 3, card_velocity_exceeded 2, issuer_not_available 2, lost_card 1, "
        "stolen_card 1, pickup_card 1, restricted_card 1"
    )
)
STOLEN = Weights(
    parsed(
        "generic_decline 38, incorrect_cvc 21, do_not_honor 13, stolen_card 8, expired_card 6, invalid_account 5, "
        "pickup_card 4, lost_card 3, card_velocity_exceeded 2"
    )
)
# What the same card is declined for again.
_LASTING = ("expired_card", "lost_card", "stolen_card", "pickup_card", "restricted_card", "invalid_account")
# A second attempt is declined so much more often than a first one, but at most so often.
_AGAIN, _AGAIN_MOST = 4, 5000


def decide(world: World, order: Order, *, was: str | None = None) -> None:
    """Make up the issuer's mind about the next attempt; ``was`` is why the last one, with this card, was declined."""
    habits = world.profile.habits
    share = min(habits.declined * _AGAIN, _AGAIN_MOST) if order.tries else habits.declined
    if was in _LASTING:
        tell(world, order, decline=was)
    elif world.happens("issuers.declined", share):
        tell(world, order, decline=REASONS.pick(world.chance, "issuers.reason"))
    elif world.happens("issuers.blocked", habits.blocked):
        tell(world, order, risk="highest")
    elif world.happens("issuers.elevated", habits.elevated):
        tell(world, order, risk="elevated")


def tell(world: World, order: Order, *, decline: str | None = None, risk: str = "normal") -> None:
    order.watched |= risk == "elevated"
    fingerprint = order.person.cards[order.card].card.fingerprint
    foretell(world.engine.call(world.account), fingerprint, decline=decline, risk=risk)
