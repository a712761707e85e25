"""Handlers that stand before the product's: they act on the `trust` key of an object's metadata, then pass on."""

import ctypes
import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from django.db import connection

from billing.outbox.models import OutboxEvent
from billing.outbox.subscribe import subscriber
from billing.payments.mirror import mirror
from billing.providers.events import ChargeObserved, IntentObserved
from billing.webhooks.handlers import Inbound, handler
from billing.webhooks.models import Outcome


class Poisoned(Exception):
    """What a handler with a bug raises."""


def fail() -> NoReturn:
    raise Poisoned("this event cannot be handled")


def run_out() -> NoReturn:
    raise MemoryError


def be_killed() -> None:
    # What the kernel does to a process that takes too much memory.
    os.kill(os.getpid(), signal.SIGKILL)


def crash() -> None:
    ctypes.string_at(0)


def loop() -> NoReturn:
    while True:
        time.sleep(3600)


def hang() -> None:
    # Locked twice by one thread, with the interpreter's lock held: no signal handler of Python's ever runs again.
    library, lock = ctypes.PyDLL(None), ctypes.create_string_buffer(64)
    library.pthread_mutex_lock(lock)
    library.pthread_mutex_lock(lock)


FAULTS: dict[str, Callable[[], None]] = {
    "raise": fail,
    "memory": run_out,
    "killed": be_killed,
    "segfault": crash,
    "loop": loop,
    "hang": hang,
}


@handler(IntentObserved, ChargeObserved)
def poisoned(batch: Sequence[Inbound]) -> Mapping[int, Outcome]:
    """The product's handler, unless an event brings its fault and nobody has cured it yet."""
    cured = Path(os.environ["TRUST_CURED"]).exists()
    for item in batch:
        ordered, _, milliseconds = item.event.metadata.get("trust", "").partition(":")
        if ordered == "slow":
            time.sleep(int(milliseconds) / 1000)
        elif ordered and not cured:
            FAULTS[ordered]()
    return mirror(batch)


@subscriber("trust.probe")
def count(events: Sequence[OutboxEvent]) -> None:
    """An effect that shows every doubling: a row each time."""
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO trust_seen (object_id) VALUES (%s)", [[event.object_id] for event in events])
