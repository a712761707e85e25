"""The simulator's time: frozen, or following real time at a distance. Seconds since 1970, UTC."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class ClockRunsBackwards(ValueError):
    """Time was asked to go back; what has happened has happened."""


class Clock:
    """Read with ``now()``. Whoever changes it does so in a transaction and saves ``state()``."""

    def __init__(self, state: dict[str, Any]) -> None:
        self.load(state)

    def load(self, state: dict[str, Any]) -> None:
        self.follows: bool = state["follows"]
        self.at: int = state["at"]
        self._offset: int = state.get("offset", 0)

    def state(self) -> dict[str, Any]:
        return {"follows": self.follows, "at": self.at, "offset": self._offset}

    def now(self) -> int:
        """Seconds since 1970. Never less than an earlier answer."""
        if self.follows:
            self.at = max(self.at, int(time.time()) + self._offset)
        return self.at

    def freeze(self, at: int) -> None:
        self._forwards(at)
        self.follows, self.at = False, at

    def follow(self, at: int | None = None) -> None:
        """Run with real time from now on, which reads ``at`` (default: real time itself, or the present if later)."""
        real = int(time.time())
        start = max(self.now(), real) if at is None else at
        self._forwards(start)
        self.follows, self.at, self._offset = True, start, start - real

    @contextmanager
    def held(self, at: int) -> Iterator[None]:
        """Let what was due at ``at`` happen at that time, though real time may be later."""
        before = self.follows, self.at
        self.follows, self.at = False, at
        try:
            yield
        finally:
            self.follows, self.at = before

    def _forwards(self, at: int) -> None:
        if at < self.now():
            raise ClockRunsBackwards(f"It is {self.at} already; {at} is past.")
