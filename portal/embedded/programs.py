"""How each of Counterfoil's own processes is started: the one list for launcher, tests and deployment."""

import sys
from collections.abc import Mapping
from pathlib import Path

from portal.embedded.spawn import Program

ROOT = Path(__file__).resolve().parent.parent.parent
# Forwarded addresses are judged by our own settings: uvicorn would believe every program of this machine.
WEB = (
    *("-m", "uvicorn", "portal.asgi:application", "--no-proxy-headers", "--no-server-header"),
    *("--log-level", "warning", "--no-access-log", "--timeout-graceful-shutdown", "3"),
)
# Without the chatter between workers, which costs a second at each start and tells us nothing.
WORKER = (
    *("-m", "celery", "-A", "portal", "worker", "--queues", "events,documents"),
    *("--loglevel", "WARNING", "--without-gossip", "--without-mingle"),
)
# Waits for answers of processors, so that nobody else has to.
ASKING_WORKER = (*WORKER[:5], "--queues", "money,processor", "--hostname", "asking@%h", *WORKER[7:])
SWEEP = ("manage.py", "sweep")


def python(
    name: str, arguments: tuple[str, ...], *, environment: Mapping[str, str], log: Path, pass_fds: tuple[int, ...] = ()
) -> Program:
    """One of our processes, in the interpreter and the directory of this one."""
    argv = (sys.executable, *arguments)
    return Program(name=name, argv=argv, environment=environment, log=log, cwd=ROOT, pass_fds=pass_fds)
