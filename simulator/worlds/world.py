"""One merchant's world: who its customers are, what comes next, and the calls that make it happen."""

from collections.abc import Callable
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import Any

from simulator.call import Call
from simulator.chance import Chance
from simulator.engine import Engine
from simulator.protocol.errors import StripeError
from simulator.store import Doc
from simulator.worlds.baskets import Counter
from simulator.worlds.draws import CASES
from simulator.worlds.people import People
from simulator.worlds.profile import Profile

Step = Callable[..., None]


@dataclass(frozen=True, slots=True)
class Sale:
    """What was paid: for refunds, disputes and attacks to come back to."""

    at: int
    intent: str
    charge: str
    amount: int
    currency: str
    person: Any
    reference: str


class World:
    """Steps wait in the order of their times; each may plan others. All draws are a function of the seed."""

    def __init__(self, engine: Engine, profile: Profile, account: str, seed: str) -> None:
        self.engine = engine
        self.profile = profile
        self.account = account
        self.chance = Chance(f"{engine.chance.seed}\0{account}\0{profile.name}\0{seed}")
        self.people = People(profile, self.chance)
        self.counter = Counter(profile, self.chance)
        self.sales: list[Sale] = []
        # Products, prices and links, by what they are of.
        self.shelf: dict[Any, str] = {}
        # Until when anything new begins.
        self.end = 0
        self._waiting: list[tuple[int, int, Step, tuple[Any, ...]]] = []
        self._planned = 0

    @property
    def now(self) -> int:
        return self.engine.clock.now()

    def plan(self, at: int, step: Step, *given: Any) -> None:
        """Let ``step(world, *given)`` happen at this time."""
        self._planned += 1
        heappush(self._waiting, (at, self._planned, step, given))

    def later(self, seconds: int, step: Step, *given: Any) -> None:
        self.plan(self.now + seconds, step, *given)

    def unplan(self, step: Step) -> None:
        """Let no such step happen any more."""
        self._waiting = [entry for entry in self._waiting if entry[2] is not step]
        heapify(self._waiting)

    def next_at(self) -> int | None:
        return self._waiting[0][0] if self._waiting else None

    def step(self) -> None:
        """Take the next step, at the time that it is. Inside a transaction."""
        _, _, step, given = heappop(self._waiting)
        step(self, *given)

    def do(self, method: str, path: str, /, **params: Any) -> Doc:
        """A request of the merchant. StripeError as it would get it."""
        return self.engine.do(self.account, method, path, **params)

    def attempt(self, method: str, path: str, /, **params: Any) -> Doc | None:
        """A request that may be refused, and then is forgotten: what it was about has changed meanwhile."""
        try:
            return self.do(method, path, **params)
        except StripeError:
            return None

    def act(self, name: str, act: Callable[[Call], Doc], **params: Any) -> Doc:
        """What no request of the merchant does: customers, banks, browsers."""
        return self.engine.act(self.account, name, act, **params)

    def find(self, kind: str, name: str) -> Doc | None:
        return self.engine.call(self.account).find(kind, name)

    def happens(self, stream: str, share: int) -> bool:
        """True in ``share`` of ten thousand cases."""
        return self.chance.happens(stream, share, CASES)
