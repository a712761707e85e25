"""Switches that break the simulator on purpose: calls by route, deliveries by event type.

Each applies to the next ``times`` matches (None: always) and is counted down in the order in which they were set.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from typing import Any

CALLS = ("latency", "error", "reset", "cut", "rate_limit")
DELIVERIES = ("lose", "double", "delay", "reorder", "burst", "corrupt")


class NoSuchFault(ValueError):
    """A switch that the simulator does not have."""


@dataclass(slots=True)
class Fault:
    """``match``: "POST /v1/refunds*" for calls, "charge.*" for deliveries.

    latency: ``seconds`` before the effect, or after it; error: ``status`` and ``body``, before or after the effect,
    kept by the idempotency key or not; reset: the connection breaks, before or after the effect; cut: half of the
    body comes; rate_limit: 429, ``retry`` is what Stripe-Should-Retry says (None: nothing).
    lose, double, corrupt: what becomes of a delivery; delay: ``seconds`` of virtual time later; reorder: after the
    next one; burst: when ``count`` have come together.
    """

    kind: str
    match: str = "*"
    times: int | None = 1
    after: bool = False
    seconds: float = 0
    status: int = 500
    body: str = ""
    kept: bool = True
    retry: bool | None = None
    wait: int | None = None
    count: int = 2


class Faults:
    def __init__(self) -> None:
        self.switches: list[Fault] = []

    def set(self, **given: Any) -> Fault:
        """NoSuchFault: unknown kind or field."""
        try:
            fault = Fault(**given)
        except TypeError as error:
            raise NoSuchFault(str(error)) from None
        if fault.kind not in CALLS + DELIVERIES:
            raise NoSuchFault(f"No fault is called {fault.kind}: {', '.join(CALLS + DELIVERIES)}")
        self.switches.append(fault)
        return fault

    def clear(self) -> None:
        self.switches.clear()

    def for_call(self, method: str, path: str) -> list[Fault]:
        """The faults of one request, each used up once. Latency goes with another one."""
        return self._take(lambda fault: fault.kind in CALLS and fnmatchcase(f"{method} {path}", fault.match))

    def for_delivery(self, type_: str) -> Fault | None:
        """The first fault that meets a delivery."""
        found = self._take(lambda fault: fault.kind in DELIVERIES and fnmatchcase(type_, fault.match), most=1)
        return found[0] if found else None

    def listing(self) -> list[dict[str, Any]]:
        return [asdict(fault) for fault in self.switches]

    def _take(self, fits: Callable[[Fault], bool], most: int = 2) -> list[Fault]:
        taken: list[Fault] = []
        for fault in self.switches:
            if fits(fault) and len(taken) < most and all(other.kind != fault.kind for other in taken):
                taken.append(fault)
        for fault in taken:
            if fault.times is not None:
                fault.times -= 1
        self.switches = [fault for fault in self.switches if fault.times is None or fault.times > 0]
        return taken
