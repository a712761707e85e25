"""A stand-in processor with the history of one merchant."""

import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from benchmarks.simulator import process
from portal.embedded.ports import pick_port

KEY = "sk_test_benchmark"


@dataclass(frozen=True)
class Processor:
    url: str
    pid: int


@contextmanager
def processor(*, payments: int, days: int, profile: str = "outdoor") -> Iterator[Processor]:
    """Its clock stands still where the history ends."""
    port, control = pick_port(), pick_port()
    with process("simulator", "--port", str(port), "--control-port", str(control), "--frozen") as server:
        ask(control, "/worlds", key=KEY, profile=profile, payments=payments, days=days, wait=True)
        yield Processor(f"http://127.0.0.1:{port}", server.pid)


def ask(control: int, path: str, **body: Any) -> Any:
    request = urllib.request.Request(f"http://127.0.0.1:{control}{path}", json.dumps(body).encode(), method="POST")
    with urllib.request.urlopen(request, timeout=600) as answer:
        return json.loads(answer.read())
