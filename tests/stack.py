"""Counterfoil's own processes for tests that drive it from outside."""

import os
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from portal.embedded import programs
from portal.embedded.ports import pick_port
from portal.embedded.spawn import end, kill_group, spawn
from tests import databases

# Due rows are found within a second even if every nudge is lost.
QUICK = {
    "COUNTERFOIL_LEASE_SECONDS": "10",
    "COUNTERFOIL_TASK_SECONDS": "5",
    "COUNTERFOIL_SWEEP_SECONDS": "1",
}
COMMANDS = {
    "web": (*programs.WEB, "--host", "127.0.0.1"),
    "worker": (*programs.WORKER, "--concurrency", "1"),
    "sweep": programs.SWEEP,
}


class Stack:
    """Web, worker and sweeper in one database, each a real process. `url` is the site's address."""

    def __init__(self, database: str) -> None:
        self.database = database
        self.port = pick_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.environment = {
            **os.environ,
            **QUICK,
            "DATABASE_URL": databases.url_of(database),
            "DATABASE_OWNER_URL": "",
            "COUNTERFOIL_PUBLIC_URL": self.url,
        }
        # Beside the suite's other files, kept until the run ends.
        self.logs = Path(os.environ["COUNTERFOIL_TESTS"]) / f"logs-{database}"
        self.logs.mkdir(exist_ok=True)

    def start(self, *names: str, **settings: str) -> None:
        """Starts the named processes (all of them without a name) and waits for the site."""
        self.environment.update(settings)
        for name in names or COMMANDS:
            extra = ("--port", str(self.port)) if name == "web" else ()
            log = self.logs / f"{name}.log"
            self.processes[name] = spawn(
                programs.python(name, (*COMMANDS[name], *extra), environment=self.environment, log=log)
            )
        if "web" in self.processes:
            self.wait_until_ready()

    def wait_until_ready(self, within: float = 30) -> None:
        """Returns when /healthz answers 200; raises with the web process's last words otherwise."""
        deadline = time.monotonic() + within
        while not self.healthy():
            if self.processes["web"].poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the web process does not answer:\n{self.log('web')[-4000:]}")
            time.sleep(0.05)

    def healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def kill(self, name: str) -> None:
        """SIGKILL for a process and all of its group; nothing restarts it."""
        process = self.processes.pop(name)
        kill_group(process)
        process.wait()

    def log(self, name: str) -> str:
        file = self.logs / f"{name}.log"
        return file.read_text(errors="replace") if file.exists() else ""

    def stop(self) -> None:
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            end(process, asking_with=15, within=10)
        self.processes.clear()
