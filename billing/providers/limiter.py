"""How many calls a second one account of a processor gets from this process.

Stripe allows an account 100 calls a second in live mode and 25 in test mode (docs.stripe.com/rate-limits), to all
processes and everybody else who holds its keys together.
"""

import threading
import time
from collections.abc import Callable, Hashable

LIVE, TEST = 80, 20
# Of a second's calls so many may come at once: that, and a second's calls after it, stay below what Stripe allows.
_BURST_DIVISOR = 8
# Whoever would have to wait longer than so many seconds had better do something else meanwhile.
LONGEST_WAIT = 2.0


class Bucket:
    """A token bucket of ``rate`` calls a second, kept as the time at which it will be full again. ``burst`` is how many
    may come at once."""

    def __init__(self, rate: int, *, burst: int | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        if rate < 1:
            raise ValueError("fewer than one call a second")
        self._step = 1 / rate
        self._slack = ((burst or max(rate // _BURST_DIVISOR, 1)) - 1) * self._step
        self._clock = clock
        self._full_at = clock()
        self._lock = threading.Lock()

    def reserve(self, longest: float = LONGEST_WAIT) -> tuple[bool, float]:
        """Whether there is a place, and the seconds until it. Without one, which is more than ``longest`` away,
        nothing was taken."""
        with self._lock:
            now = self._clock()
            full_at = max(self._full_at, now)
            wait = max(full_at - self._slack - now, 0.0)
            if wait > longest:
                return False, wait
            self._full_at = full_at + self._step
            return True, wait


class Limiter:
    """A bucket for each account and mode, made when first asked for."""

    def __init__(self, *, live: int = LIVE, test: int = TEST, clock: Callable[[], float] = time.monotonic) -> None:
        if min(live, test) < 1:
            raise ValueError("fewer than one call a second")
        self._rates = {True: live, False: test}
        self._clock = clock
        self._buckets: dict[Hashable, Bucket] = {}
        self._lock = threading.Lock()

    def bucket(self, account: Hashable, *, livemode: bool) -> Bucket:
        place = account, livemode
        with self._lock:
            if place not in self._buckets:
                self._buckets[place] = Bucket(self._rates[livemode], clock=self._clock)
            return self._buckets[place]


_limiter = Limiter()


def configure(*, live: int = LIVE, test: int = TEST) -> None:
    """What one account may be asked each second by this process, from now on. Raises ValueError below one."""
    global _limiter
    _limiter = Limiter(live=live, test=test)


def bucket(account: Hashable, *, livemode: bool) -> Bucket:
    """The bucket of this account in this process."""
    return _limiter.bucket(account, livemode=livemode)
