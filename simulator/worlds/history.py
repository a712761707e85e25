"""Time passes in one world or in several: their steps and everything else that is due happen in one order."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext

from simulator.engine import Engine
from simulator.worlds import attacks, opening, paying, selling, treasury
from simulator.worlds.baskets import Order
from simulator.worlds.draws import Weights
from simulator.worlds.seasons import arrivals
from simulator.worlds.world import World

CHANNELS: dict[str, Callable[[World, Order], None]] = {
    "intent": paying.by_intent,
    "debit": paying.by_debit,
    "checkout": selling.by_checkout,
    "link": selling.by_link,
    "invoice": selling.by_invoice,
}
# Steps of one transaction.
AT_ONCE = 250
_QUARTER = 91 * 24 * 3600


def begin(world: World, start: int, end: int, *, payments: int | None = None, opened: bool = False) -> None:
    """Plan a merchant's time from ``start`` to before ``end``: so many orders, or as many as it usually has.

    ``opened``: it is in business already.
    """
    world.end = end
    channels = Weights(world.profile.channels)
    if not opened:
        world.plan(start, opening.open_shop)
        world.plan(start, treasury.begin)
    for at in arrivals(world.profile, world.chance, start, end, payments):
        world.plan(at, sell, channels.pick(world.chance, "orders.channel"))
    for name, usual in (world.profile.attacks or {}).items():
        for _ in range(_times(world, usual, end - start)):
            # Not in the first fortnight, when there is nobody to rob.
            world.plan(
                start + (end - start) // 6 + world.chance.below("attacks.when", (end - start) * 5 // 6),
                attacks.ATTACKS[name],
            )


def sell(world: World, channel: str) -> None:
    CHANNELS[channel](world, world.counter.order(world.people.buyer(world.now)))


class History:
    """``run`` goes on where it stopped."""

    def __init__(self, engine: Engine, worlds: Iterable[World], *, quiet: bool = True) -> None:
        """``quiet``: webhook endpoints hear nothing of it."""
        self.engine = engine
        self.worlds = list(worlds)
        self.quiet = quiet

    def next_at(self) -> int | None:
        """When the next step is due."""
        return min((at for world in self.worlds if (at := world.next_at()) is not None), default=None)

    def run(self, until: int, most: int | None = None) -> bool:
        """Let happen what is due by then, at most about so many steps. Whether that was all; then it is that time."""
        taken = 0
        while (at := self.next_at()) is not None and at <= until:
            if most is not None and taken >= most:
                return False
            taken += self._take(until)
        with self._hush():
            self._reach(until)
        return True

    def _take(self, until: int) -> int:
        """Some steps in one transaction."""
        taken = 0
        with self._hush(), self.engine.transaction():
            while taken < AT_ONCE and (at := self.next_at()) is not None and at <= until:
                world = min((one for one in self.worlds if one.next_at() == at), key=self.worlds.index)
                self._reach(at)
                world.step()
                taken += 1
            # What a step made due at once is a part of history, too.
            self.engine.catch_up()
        return taken

    def _hush(self) -> AbstractContextManager[None]:
        return self.engine.quiet() if self.quiet else nullcontext()

    def _reach(self, at: int) -> None:
        """Let it be this time, unless it is later already; what is due by itself comes first."""
        engine = self.engine
        if at <= engine.clock.now():
            engine.catch_up()
        elif engine.clock.follows:
            raise RuntimeError("The clock follows real time: what is to come cannot be written")
        else:
            engine.advance(at)


def _times(world: World, usual: int, seconds: int) -> int:
    """How often something happens that has its usual number of times in a quarter."""
    whole, rest = divmod(usual * seconds, _QUARTER)
    return whole + (world.chance.below("attacks.times", _QUARTER) < rest)
