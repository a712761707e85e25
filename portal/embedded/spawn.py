"""Starts and stops child processes that cannot outlive the process that started them."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Program:
    """One process of an installation.

    `uid` is the user it runs as (None: ours). `stop` asks it to end, `orphaned` is what the kernel sends it when
    its parent is gone. Its output goes to `log`.
    """

    name: str
    argv: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    cwd: Path
    uid: int | None = None
    stop: int = signal.SIGTERM
    orphaned: int = signal.SIGKILL
    pass_fds: tuple[int, ...] = field(default=())


def die_with_parent(orphaned: int) -> Callable[[], None]:
    """What a child runs before exec: `orphaned` reaches it when the *thread* that spawned it ends.

    Call it in the thread that lives longest. Linux only; elsewhere children are stopped by the supervisor alone.
    """
    if not sys.platform.startswith("linux"):
        return lambda: None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def tie() -> None:
        prctl(PR_SET_PDEATHSIG, orphaned, 0, 0, 0)
        # The parent may have died between fork and prctl: then no signal will ever come.
        if os.getppid() != parent:
            os._exit(1)

    return tie


def spawn(program: Program) -> subprocess.Popen[bytes]:
    """Starts it in a session of its own, so that a Ctrl-C in the terminal reaches the launcher only."""
    with program.log.open("ab", buffering=0) as log:
        return subprocess.Popen(
            list(program.argv),
            env=dict(program.environment),
            cwd=program.cwd,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            pass_fds=program.pass_fds,
            preexec_fn=die_with_parent(program.orphaned),
            # Popen drops privileges before preexec_fn; the other way round the kernel would forget the death signal.
            user=program.uid,
            group=program.uid,
            extra_groups=[] if program.uid is not None else None,
        )


def end(process: subprocess.Popen[bytes], *, asking_with: int, within: float) -> None:
    """Asks a child to end and kills its whole process group when `within` seconds were not enough."""
    if process.poll() is None:
        process.send_signal(asking_with)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(within)
    kill_group(process)
    process.wait()


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kills what is left of a child's process group, such as the pool of a worker whose head was killed."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        # Nobody left; or, on macOS, only zombies.
        return
