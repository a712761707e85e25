"""Clocks and medians. The machine is shared, so rounds of the rivals take turns and the middle one counts."""

import os
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

__all__ = ["children_of", "cpu_of", "cpu_of_both", "cpu_of_ended", "cpu_seconds", "median", "percentile"]


def cpu_seconds(pids: Sequence[int]) -> float:
    """CPU time that these processes have used so far, all their threads together; ended ones count no more."""
    return sum(cpu_of(pid) for pid in pids)


def cpu_of(pid: int) -> float:
    try:
        # The clock id of another process's CPU clock (clock_getcpuclockid, Linux).
        return time.clock_gettime((~pid << 3) | 2)
    except OSError:
        return 0.0


def children_of(pid: int) -> list[int]:
    """The process and its direct children, such as PostgreSQL and its sessions."""
    return [pid, *(int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]


def cpu_of_ended(pid: int) -> float:
    """CPU time of the children of this process that have ended, such as sessions of PostgreSQL."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


def percentile(values: Sequence[float], share: float) -> float:
    """The value that ``share`` (0 to 1) of all values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(share * len(ordered)) - 1))]


def cpu_of_both(site: int, server: int) -> float:
    """Seconds of the site's process, of its workers, and of all that the database server has running."""
    return cpu_seconds([*children_of(site), *children_of(server)])
