"""How a merchant gets its money: payouts by hand, and payouts that come back."""

from simulator.call import Call
from simulator.money import payouts
from simulator.money.balance import funds
from simulator.money.currencies import payout_step
from simulator.store import Doc
from simulator.worlds.draws import Weights, between, parsed
from simulator.worlds.world import World

DAY = 24 * 3600
_FAILURES = Weights(parsed("account_closed 40, no_account 25, could_not_process 20, bank_account_restricted 15"))
# Of ten thousand: payouts by hand that are instant, failures that come after the payout was called paid.
_INSTANT, _AFTER_PAID = 1800, 4500
# Share of what is available, in hundredths, that a merchant takes.
_TAKEN = 90


def begin(world: World) -> None:
    """Plan what happens every day, or every week."""
    _watch(world)
    if world.profile.payouts == "manual":
        world.later(7 * DAY, _take, 7 * DAY)
    else:
        world.later(between(world.chance, "payouts.top", 20 * DAY, 40 * DAY), _take, 45 * DAY)


def _watch(world: World) -> None:
    """Some days the next payout will fail."""
    if world.happens("payouts.fails", world.profile.habits.payout_fails):
        code = _FAILURES.pick(world.chance, "payouts.failure")
        late = world.happens("payouts.after_paid", _AFTER_PAID)
        world.act("/payouts/doom", lambda call: _doom(call, code, late), failure=code, after_paid=late)
    if world.now + DAY < world.end:
        world.later(DAY, _watch)


def _doom(call: Call, code: str, late: bool) -> Doc:
    payouts.doom(call, code, after_paid=late)
    return {}


def _take(world: World, every: int) -> None:
    """A payout by hand of most of what is there, in each currency."""
    for currency in world.profile.currencies:
        available = funds(world.engine.call(world.account), currency)[0]
        amount = available * _TAKEN // 100
        amount -= amount % payout_step(currency)
        if amount > 0:
            method = "instant" if world.happens("payouts.instant", _INSTANT) else "standard"
            world.attempt("POST", "/v1/payouts", amount=amount, currency=currency, method=method)
    if world.now + every < world.end:
        world.later(every, _take, every)
