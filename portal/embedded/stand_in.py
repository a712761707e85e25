"""The demo's processor: the simulator, run as one more process of the installation and told over HTTP what to do."""

import http.client
import json
import time
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

from portal.embedded.connections import DemoConnection
from portal.embedded.environment import read_values, write_values
from portal.embedded.ports import pick_port
from portal.embedded.programs import python
from portal.embedded.spawn import Program

HEADING = "# Where the demo's processor listens: Stripe's API, and the door that controls it."
PATIENCE = 30.0


class NoAnswer(Exception):
    """The stand-in refused, or has not answered for too long."""


class CardDeclined(NoAnswer):
    """A payment that was asked for was declined."""


@dataclass(frozen=True)
class StandIn:
    port: int
    control: int

    @property
    def base(self) -> str:
        """The address of its API, as connections name it."""
        return f"http://127.0.0.1:{self.port}"

    def ask(self, method: str, path: str, /, **body: Any) -> Any:
        """What the control door answers; waits for a process that is just starting. Raises NoAnswer."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                status, text = self._ask(method, path, json.dumps(body) if body else "")
            except (OSError, http.client.HTTPException) as away:
                if time.monotonic() > deadline:
                    raise NoAnswer(f"the stand-in does not answer on port {self.control}") from away
                time.sleep(0.05)
                continue
            if status >= 400:
                kind = CardDeclined if status == HTTPStatus.PAYMENT_REQUIRED else NoAnswer
                raise kind(f"{method} {path} answers {status}: {text[:300]}")
            return json.loads(text) if text else None

    def call(self, account: str, method: str, path: str, **params: Any) -> Any:
        """An endpoint of its API, as somebody does it in the processor's dashboard. Raises NoAnswer."""
        return self.ask("POST", "/call", account=account, method=method, path=path, params=params)

    def knows(self, connection: DemoConnection) -> bool:
        """Whether its books still hold this connection's endpoint."""
        try:
            found = self.call(connection.account, "GET", f"/v1/webhook_endpoints/{connection.endpoint}")
        except NoAnswer:
            return False
        return not found.get("deleted")

    def clock(self, **change: Any) -> int:
        """What time it is there (Unix time), after a change of it if one is given."""
        told: dict[str, int] = self.ask("POST", "/clock", **change) if change else self.ask("GET", "/clock")
        return told["now"]

    def _ask(self, method: str, path: str, body: str) -> tuple[int, str]:
        line = http.client.HTTPConnection("127.0.0.1", self.control, timeout=PATIENCE)
        try:
            line.request(method, path, body=body, headers={"Content-Type": "application/json"})
            with line.getresponse() as answer:
                return answer.status, answer.read().decode()
        finally:
            line.close()


def open_stand_in(data: Path) -> StandIn:
    """The ports of the last start where they are still free, else others; kept for the next one."""
    kept = read_values(data / "stand-in")
    preferred = [int(value) if (value := kept.get(name, "")).isdigit() else None for name in ("PORT", "CONTROL")]
    port = pick_port(preferred[0])
    control = pick_port(preferred[1] if preferred[1] != port else None)
    write_values(data / "stand-in", {"PORT": str(port), "CONTROL": str(control)}, heading=HEADING)
    return StandIn(port, control)


def find_stand_in(data: Path) -> StandIn:
    """The one that the launcher opened."""
    kept = read_values(data / "stand-in")
    return StandIn(int(kept["PORT"]), int(kept["CONTROL"]))


def program(stand_in: StandIn, *, data: Path, environment: dict[str, str], log: Path) -> Program:
    # It sees nothing of ours, as any processor would. Its clock stands still until its past is written.
    ports = ("--port", str(stand_in.port), "--control-port", str(stand_in.control), "--frozen")
    known = {name: value for name, value in environment.items() if name in ("PATH", "HOME", "LANG", "VIRTUAL_ENV")}
    return python(
        "simulator", ("-m", "simulator", *ports, "--data", str(data / "simulator")), environment=known, log=log
    )
