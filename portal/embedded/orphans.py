"""Processes that outlived a launcher which was killed, such as the pool of a worker."""

import os
import signal
from pathlib import Path

# In the environment of everything that a launcher starts, and of nothing else.
MARK = "COUNTERFOIL_LAUNCHED_FROM"


def end_orphans(data: Path) -> int:
    """Kills what an earlier launcher of `data` left running; returns how many. Only for the holder of its lock."""
    mark = f"{MARK}={data}".encode()
    found = 0
    for directory in Path("/proc").glob("[0-9]*"):
        pid = int(directory.name)
        try:
            marked = mark in (directory / "environ").read_bytes().split(b"\0")
        except OSError:
            # Gone meanwhile, or somebody else's.
            continue
        if marked and pid != os.getpid():
            os.kill(pid, signal.SIGKILL)
            found += 1
    return found
