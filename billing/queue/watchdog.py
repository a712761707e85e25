"""A bound on how long one piece of work may take, kept even when it never returns to Python."""

import faulthandler
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_HARD_AFTER = 5


class TookTooLong(Exception):
    """The work was stopped because it did not end in its time."""


@contextmanager
def deadline(seconds: int) -> Iterator[None]:
    """Raise TookTooLong in the main thread after ``seconds``; 5 s later end the process.

    The hard end is for code that hangs without running Python: the row's lease hands its work on. Threads other than
    the main one cannot be interrupted; they have no bound here.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGALRM, _raise)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    faulthandler.dump_traceback_later(seconds + _HARD_AFTER, exit=True)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _raise(signum: int, frame: FrameType | None) -> None:
    raise TookTooLong
