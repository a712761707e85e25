"""Keeps the processes of an installation alive, and ends them in order."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Never

from portal.embedded.refusal import CannotStart
from portal.embedded.spawn import Program, end, kill_group, spawn

LOOK_EVERY = 0.1
# A process that lived this long was sound: its next death is no reason to wait.
SOUND_AFTER = 10.0
FIRST_DELAY, LONGEST_DELAY = 0.2, 15.0


@dataclass
class Child:
    """A program and the process that runs it at present. `before` clears the ground for each start."""

    program: Program
    process: subprocess.Popen[bytes]
    started: float
    before: Callable[[], None] | None = None
    delay: float = 0.0
    due: float | None = None
    deaths: int = 0


class Supervisor:
    """Starts children in the calling thread, which must be the one that lives as long as they should."""

    def __init__(self) -> None:
        self.children: list[Child] = []

    def start(self, program: Program, *, before: Callable[[], None] | None = None) -> subprocess.Popen[bytes]:
        """Starts a program and, from then on, starts it again whenever it ends."""
        if before is not None:
            before()
        child = Child(program, spawn(program), time.monotonic(), before)
        self.children.append(child)
        return child.process

    def look(self) -> None:
        """Notices who has ended, and restarts whose time has come."""
        now = time.monotonic()
        for child in self.children:
            if child.due is None and child.process.poll() is not None:
                self.mourn(child, now)
            if child.due is not None and now >= child.due:
                self.revive(child)

    def mourn(self, child: Child, now: float) -> None:
        kill_group(child.process)
        child.deaths += 1
        sound = now - child.started >= SOUND_AFTER
        child.delay = FIRST_DELAY if sound else min(max(child.delay * 2, FIRST_DELAY), LONGEST_DELAY)
        child.due = now + child.delay
        say(
            f"{child.program.name} (process {child.process.pid}) {cause(child.process.returncode)}; "
            f"starting it again in {child.delay:.1f} s. Its log: {child.program.log}"
        )

    def revive(self, child: Child) -> None:
        try:
            if child.before is not None:
                child.before()
            child.process = spawn(child.program)
        except (CannotStart, OSError) as reason:
            child.delay = min(child.delay * 2, LONGEST_DELAY)
            child.due = time.monotonic() + child.delay
            say(f"{child.program.name} cannot start yet, next try in {child.delay:.1f} s: {reason}")
            return
        child.started, child.due = time.monotonic(), None

    def watch(self) -> Never:
        """Looks after the children until KeyboardInterrupt."""
        while True:
            self.look()
            time.sleep(LOOK_EVERY)

    def stop(self, *, within: float, last: tuple[str, ...] = ()) -> None:
        """Ends all children: at first, together, those not named in `last`, then those one by one.

        The first get `within` seconds. Signals that ask us to end are ignored meanwhile: it has begun.
        """
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        first = [child for child in self.children if child.program.name not in last]
        for child in first:
            if child.process.poll() is None:
                child.process.send_signal(child.program.stop)
        deadline = time.monotonic() + within
        for child in first:
            remaining = max(deadline - time.monotonic(), 0)
            if not ended(child.process, remaining):
                say(f"{child.program.name} did not end by itself and was killed.")
            kill_group(child.process)
            child.process.wait()
        for name in last:
            for child in self.children:
                if child.program.name == name:
                    end(child.process, asking_with=child.program.stop, within=1.0)
        self.children.clear()


def ended(process: subprocess.Popen[bytes], within: float) -> bool:
    try:
        process.wait(within)
    except subprocess.TimeoutExpired:
        return False
    return True


def cause(code: int | None) -> str:
    """How a process ended, in words."""
    if code is not None and code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"ended with code {code}"


def say(sentence: str) -> None:
    """Tells the person at the terminal; stdout is kept for the address."""
    print(f"counterfoil: {sentence}", file=sys.stderr, flush=True)
