"""Workers that die at a line of the product's source. The actor's process forks them, so that each begins at once; what
they do is what the workers of an installation do, and the product knows nothing of it."""

import os
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

from portal.embedded.programs import ROOT

Point = tuple[str, int]
Trace = Callable[[FrameType, str, Any], Any]
# Whoever carries out a command passes through these.
PASSED = (
    *("billing/commands/carry_out.py", "billing/commands/calls.py", "billing/commands/question.py"),
    *("billing/commands/exchange.py", "billing/commands/settle.py"),
    *("billing/refunds/send.py", "billing/refunds/own.py", "billing/queue/run.py"),
    *("billing/providers/stripe/orders.py", "billing/providers/stripe/client.py"),
)
_NAMES = {str(ROOT / name): name for name in PASSED}


def find_lines(*, queue: str) -> list[Point]:
    """Lines that a worker comes to who does what is due of a queue, in their order."""
    reading, writing = os.pipe()
    child = _fork()
    if not child:
        os.close(reading)
        _end(_note_lines, queue, writing)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        words = pipe.read().split()
    if status := os.waitpid(child, 0)[1]:
        raise RuntimeError(f"a worker that nobody killed ended with {status}")
    return [(name, int(line)) for name, line in zip(words[::2], words[1::2], strict=True)]


def die_at(*, queue: str, line: Point) -> bool:
    """A worker does what is due and is killed when it first comes to that line; whether it did."""
    name, number = line
    child = _fork()
    if not child:
        _end(_die, queue, (name, number))
    return os.waitpid(child, 0)[1] == signal.SIGKILL


def work_off(*, queue: str) -> None:
    """Nobody dies, until nothing is due any more."""
    from billing.queue.registry import get
    from billing.queue.run import claim_and_run

    while claim_and_run(get(queue)):
        pass


def _fork() -> int:
    """As os.fork. Two processes on one line to the database would read each other's answers."""
    from django.db import connections

    connections.close_all()
    return os.fork()


def _end(work: Callable[..., None], *arguments: Any) -> None:
    """The life of a child: it must never come back to where its parent goes on."""
    try:
        work(*arguments)
    except BaseException:  # noqa: BLE001 - whatever it is, this process must end
        sys.excepthook(*sys.exc_info())
        os._exit(1)
    os._exit(0)


def _note_lines(queue: str, writing: int) -> None:
    seen: dict[Point, None] = {}
    _work(queue, seen.setdefault)
    with os.fdopen(writing, "w") as pipe:
        pipe.write(" ".join(f"{name} {line}" for name, line in seen))


def _die(queue: str, at: Point) -> None:
    def look(point: Point) -> None:
        if point == at:
            os.kill(os.getpid(), signal.SIGKILL)

    _work(queue, look)


def _work(queue: str, look: Callable[[Point], object]) -> None:
    from billing.tasks import run_queue

    def inside(frame: FrameType, event: str, value: Any) -> Trace:
        if event == "line":
            look((_NAMES[frame.f_code.co_filename], frame.f_lineno))
        return inside

    def outside(frame: FrameType, event: str, value: Any) -> Trace | None:
        return inside if frame.f_code.co_filename in _NAMES else None

    # Those of calls that go out together, too.
    threading.settrace(outside)
    sys.settrace(outside)
    run_queue(queue)
    sys.settrace(None)
