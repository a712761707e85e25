"""Wake a worker. A nudge may be lost at any time: the rows and the sweeper are the guarantee."""

import logging
import os
import threading
import time
from collections.abc import Callable

from django.db import transaction

logger = logging.getLogger(__name__)

_PAUSE = 0.05
_RETRY_AFTER = 1.0


class _Nudger:
    """One background thread a process, so that a dead broker delays no request and a burst costs one message."""

    def __init__(self, send: Callable[[str], None]) -> None:
        self._send = send
        self._wanted: set[str] = set()
        self._changed = threading.Condition()
        self._pid = 0
        self.lost = 0

    def want(self, name: str) -> None:
        with self._changed:
            if self._pid != os.getpid():
                self._pid = os.getpid()
                threading.Thread(target=self._run, daemon=True, name="nudge").start()
            self._wanted.add(name)
            self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._wanted:
                    self._changed.wait()
                wanted, self._wanted = self._wanted, set()
            try:
                for name in sorted(wanted):
                    self._send(name)
                time.sleep(_PAUSE)
            except Exception as error:
                self.lost += 1
                logger.warning("nudge lost: %s", type(error).__name__)
                time.sleep(_RETRY_AFTER)


_nudger: _Nudger | None = None


def send_with(send: Callable[[str], None]) -> None:
    """Say how a nudge travels; the site does so once at start. Without it nobody is woken."""
    global _nudger
    _nudger = _Nudger(send)


def nudge(name: str) -> None:
    """Wake a worker for the queue of that name once this transaction has committed."""
    if _nudger is not None:
        transaction.on_commit(lambda: nudge_now(name))


def nudge_now(name: str) -> None:
    if _nudger is not None:
        _nudger.want(name)


def lost_nudges() -> int:
    """How many nudges this process could not send, for the metrics."""
    return _nudger.lost if _nudger is not None else 0
