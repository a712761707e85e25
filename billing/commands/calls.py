"""Calls about several commands, made at once: a processor takes longer to answer than all else that a command costs."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from functools import lru_cache
from os import register_at_fork
from typing import TypeVar

AT_ONCE = 16
T = TypeVar("T")


def call_at_once(calls: Mapping[int, Callable[[], T]]) -> dict[int, T | Exception]:
    """What each returned or raised. They run beside each other and must leave the database alone; a single one runs in
    this thread, where the queue's deadline can interrupt it."""
    if len(calls) <= 1:
        return {key: _returned_or_raised(call) for key, call in calls.items()}
    under_way = {key: _threads().submit(_returned_or_raised, call) for key, call in calls.items()}
    try:
        wait(under_way.values())
    except BaseException:
        # Their threads are busy for longer than anybody waits: whoever comes next needs others.
        _threads.cache_clear()
        raise
    return {key: future.result() for key, future in under_way.items()}


def _returned_or_raised(call: Callable[[], T]) -> T | Exception:
    try:
        return call()
    except Exception as error:  # noqa: BLE001 - whoever asked for the calls says what becomes of it
        return error


@lru_cache
def _threads() -> ThreadPoolExecutor:
    """Kept, as each thread keeps its lines to the processors open."""
    return ThreadPoolExecutor(AT_ONCE, thread_name_prefix="call")


# Threads do not go along with a fork.
register_at_fork(after_in_child=_threads.cache_clear)
