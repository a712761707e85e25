"""Runs `manage.py up` as a person would, and looks at it from outside."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from portal.embedded.door import readiness
from portal.embedded.ports import pick_port

ROOT = Path(__file__).resolve().parent.parent.parent
OWN = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "SECRET_KEY", "DJANGO_SETTINGS_MODULE", "PORT")


def clean_environment() -> dict[str, str]:
    """The environment without what the suite put there, for two web processes however many cores there are."""
    kept = {key: value for key, value in os.environ.items() if key not in OWN and not key.startswith("COUNTERFOIL_")}
    return {**kept, "WEB_CONCURRENCY": "2"}


def run_up(*arguments: object, **settings: str) -> subprocess.CompletedProcess[str]:
    """Starts it and waits for its end: for starts that are refused."""
    return subprocess.run(
        [sys.executable, "manage.py", "up", *map(str, arguments)],
        cwd=ROOT,
        env={**clean_environment(), **settings},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


class Launcher:
    """One `manage.py up` on one data directory, with these settings in its environment."""

    def __init__(self, data: Path, port: int | None = None, settings: Mapping[str, str] | None = None) -> None:
        self.data = data
        self.environment = {**clean_environment(), **(settings or {})}
        self.port = port or pick_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = data.with_suffix(".log")
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *arguments: str) -> float:
        """Starts it; returns the seconds until it printed its address."""
        started = time.monotonic()
        command = [sys.executable, "manage.py", "up", "--data", str(self.data), "--port", str(self.port), *arguments]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log)
        wait_for(lambda: f"ready {self.url}" in self.said() or self.process.poll() is not None, 90)
        assert self.process.poll() is None, self.said()
        return time.monotonic() - started

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def children(self) -> dict[str, int]:
        """Process ids of its children by name, which is that of the log they write."""
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        named = {}
        for child in children:
            # One that was killed may be gone between any two of these looks.
            with suppress(FileNotFoundError):
                if alive(int(child)):
                    named[Path(f"/proc/{child}/fd/1").readlink().stem] = int(child)
        return named

    def unready(self) -> str:
        """ "" when it is ready, else why not. An answer may take long on a busy machine; a refusal is one at once."""
        return readiness(self.url, within=15)

    def end(self, number: int = signal.SIGTERM, within: float = 12) -> float:
        """Sends a signal; returns the seconds until it was gone."""
        started = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(within)
        return time.monotonic() - started

    def clear_away(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.end()


def wait_for(condition, within: float) -> None:
    """Returns when it holds; fails when it does not in time."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def stretched(seconds: float) -> float:
    """A promise about an idle machine, stretched where loading Django takes longer than usual at present."""
    started = time.monotonic()
    subprocess.run([sys.executable, "manage.py", "check"], cwd=ROOT, check=True, capture_output=True)
    return seconds * max(1.0, (time.monotonic() - started) / 1.5)


def alive(pid: int) -> bool:
    """Whether a process runs, zombies excepted."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
