"""What goes wrong between the processor and us, drawn from a seed: deliveries and calls, one after the other."""

import random
from typing import Any

from portal.embedded.stand_in import StandIn

# Seconds of delay within what the search for missing events allows, and far beyond it.
SLIGHT, LONG = (20, 60, 110), (1_800, 9_000)
KINDS = ("lose", "double", "delay", "reorder", "burst", "corrupt")
Switch = dict[str, Any]


class Mishaps:
    """Keeps the simulator supplied with switches. ``share`` is how many of a thousand deliveries meet one."""

    def __init__(self, door: StandIn, chance: random.Random) -> None:
        self.door, self.chance = door, chance
        self.set: dict[str, int] = {}

    def spoil_deliveries(self, *, share: int, kinds: tuple[str, ...] = KINDS, delays: tuple[int, ...] = SLIGHT) -> None:
        """For the next hundred deliveries or so, unless that many were seen to already."""
        waiting = sum(switch["times"] for switch in self.door.ask("GET", "/faults") if switch["kind"] in KINDS)
        while waiting < 100:
            spared = min(int(self.chance.expovariate(share / 1000)), 300)
            if spared:
                # A delay of nothing lets a delivery pass, and is used up by it.
                self._post({"kind": "delay", "seconds": 0, "times": spared})
            kind = self.chance.choice(kinds)
            self._post(self._delivery(kind, delays))
            self._note(kind)
            waiting += spared + 1

    def spoil_calls(self, *, most: int = 2, slow: float = 0.3, match: str = "GET /v1/*") -> None:
        """One or two of the next calls that match, if those before have been met."""
        waiting = self.door.ask("GET", "/faults")
        if any(switch["kind"] not in KINDS and switch["match"] == match for switch in waiting):
            return
        for _ in range(self.chance.randrange(1, most + 1)):
            switch = self.chance.choice(_calls(slow))
            self._post({**switch, "match": match})
            self._note(f"{switch['kind']}{' after' if switch.get('after') else ''}")

    def end(self) -> None:
        self.door.ask("DELETE", "/faults")

    def _delivery(self, kind: str, delays: tuple[int, ...]) -> Switch:
        more = {"delay": {"seconds": self.chance.choice(delays)}, "burst": {"count": self.chance.randrange(2, 9)}}
        return {"kind": kind, **more.get(kind, {})}

    def _note(self, what: str) -> None:
        self.set[what] = self.set.get(what, 0) + 1

    def _post(self, switch: Switch) -> None:
        self.door.ask("POST", "/faults", **switch)


def _calls(slow: float) -> list[Switch]:
    return [
        {"kind": "latency", "seconds": slow},
        {"kind": "latency", "seconds": slow, "after": True},
        {"kind": "error", "status": 500, "kept": False},
        {"kind": "error", "status": 503, "after": True, "kept": False},
        {"kind": "reset"},
        {"kind": "reset", "after": True},
        {"kind": "cut"},
        {"kind": "rate_limit"},
        {"kind": "rate_limit", "wait": 1, "retry": True},
        {"kind": "rate_limit", "retry": False},
    ]
