"""When a row that failed is tried again."""

import random
from datetime import datetime, timedelta

MAX_ATTEMPTS = 8
# The steps below reach 72 hours at the eighteenth try.
MAX_PARKED = 18
_STEPS = [10, 30, 60, 300, 900, 3_600, 21_600]
_TRANSIENT_SECONDS = 5


def after_failure(*, attempts: int, now: datetime) -> datetime:
    """The next attempt after ``attempts`` tries that failed for a reason of the row's own."""
    seconds = _STEPS[min(attempts, len(_STEPS)) - 1]
    return now + timedelta(seconds=seconds * random.uniform(0.8, 1.2))


def after_interruption(*, now: datetime, pause: float | None = None) -> datetime:
    """The next attempt after a failure that says nothing about the row: a deadlock, a lost server. ``pause`` is how
    many seconds whoever is away asked for, at least."""
    return now + timedelta(seconds=(pause or 0) + _TRANSIENT_SECONDS * random.uniform(0.5, 1.5))
