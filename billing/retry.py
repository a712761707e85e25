"""A transaction that PostgreSQL ends for somebody else's sake is done again, from its beginning."""

from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError, transaction

T = TypeVar("T")
# With the lock timeout of the settings, somebody waits six seconds at one lock before they are told.
TRIES = 3
# Deadlock, serialization failure, lock timeout.
_IN_PASSING = {"40P01", "40001", "55P03"}


class StillLocked(Exception):
    """Others held what was needed each time. Nothing was written."""


def sqlstate(error: BaseException) -> str:
    """PostgreSQL's code of what went wrong; empty when it had no say in it."""
    return getattr(error.__cause__, "pgcode", None) or ""


def is_in_passing(error: OperationalError) -> bool:
    """Whether the same transaction may well succeed when it is done again at once."""
    return sqlstate(error) in _IN_PASSING


def commit(work: Callable[[], T]) -> T:
    """What ``work`` returns, in a transaction of its own. ``work`` may be called several times, and only what it writes
    the last time remains. Raises StillLocked."""
    for _ in range(TRIES):
        try:
            with transaction.atomic(durable=True):
                return work()
        except OperationalError as error:
            if not is_in_passing(error):
                raise
            last = error
    raise StillLocked from last
