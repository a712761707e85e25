"""Leaves a processor alone that does not answer: after three failures in a row nobody asks for a while."""

import threading
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from billing.providers.base import ProviderDeclined, ProviderUnavailable

FAILURES = 3
FIRST_SECONDS, LONGEST_SECONDS = 15.0, 120.0
LEFT_ALONE = "The processor did not answer several times; nobody asks it for a while."
# What others are told to wait while one trial is under way.
_TRIAL_SECONDS = 5.0


class TooManyRequests(ProviderUnavailable):
    """It answers and asks for fewer calls: no failure in the sense of the breaker."""


@dataclass(frozen=True, slots=True)
class Seen:
    """``failures`` in a row; ``left`` is how many seconds nobody asks for, 0 while calls go through."""

    failures: int
    left: float


class Breaker:
    """Closed: calls go through. Open: none does, for 15 s at first and twice as long after each trial that failed, at
    most 120 s. After that time one call is a trial, and the others wait for its outcome."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._seconds = FIRST_SECONDS
        self._open_until: float | None = None
        self._trial = False

    @property
    def seen(self) -> Seen:
        with self._lock:
            left = 0.0 if self._open_until is None else max(self._open_until - self._clock(), 0.0)
            return Seen(self._failures, left)

    @contextmanager
    def call(self) -> Iterator[None]:
        """Round a call. Raises ProviderUnavailable at once while open; counts how the call ends: ProviderUnavailable
        is a failure, a result or ProviderDeclined an answer; TooManyRequests and all else say nothing."""
        trial = self._enter()
        answered: bool | None = None
        try:
            yield
            answered = True
        except TooManyRequests:
            raise
        except ProviderUnavailable:
            answered = False
            raise
        except ProviderDeclined:
            answered = True
            raise
        finally:
            # Whatever ends it, a trial must not be under way for ever.
            self._leave(answered, trial=trial)

    def _enter(self) -> bool:
        with self._lock:
            if self._open_until is None:
                return False
            left = self._open_until - self._clock()
            if left > 0 or self._trial:
                raise ProviderUnavailable(
                    LEFT_ALONE,
                    pause=left if left > 0 else _TRIAL_SECONDS,
                )
            self._trial = True
            return True

    def _leave(self, answered: bool | None, *, trial: bool) -> None:
        with self._lock:
            if trial:
                self._trial = False
            elif self._open_until is not None:
                # A call that began before the breaker opened: the trial decides.
                return
            if answered:
                self._failures, self._seconds, self._open_until = 0, FIRST_SECONDS, None
            elif answered is False:
                self._failures += 1
                if trial:
                    self._seconds = min(self._seconds * 2, LONGEST_SECONDS)
                if trial or self._failures >= FAILURES:
                    self._open_until = self._clock() + self._seconds


_breakers: dict[Hashable, Breaker] = {}
_guard = threading.Lock()


def breaker(account: Hashable) -> Breaker:
    """The breaker of this account in this process."""
    with _guard:
        return _breakers.setdefault(account, Breaker())


def seen_here() -> dict[Hashable, Seen]:
    """Every account that this process has asked since it began. Other processes keep breakers of their own."""
    with _guard:
        known = dict(_breakers)
    return {account: each.seen for account, each in known.items()}
