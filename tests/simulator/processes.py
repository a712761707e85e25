"""The simulator as a process, a client of Stripe's own package for it, and someone who receives its webhooks."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import stripe

from portal.embedded.ports import pick_port
from tests.architecture.source import ROOT


class Delivered(NamedTuple):
    body: bytes
    signature: str

    @property
    def event(self) -> dict[str, Any]:
        return json.loads(self.body)


class Receiver(ThreadingHTTPServer):
    """Answers every delivery with the next of ``answers``, then 200; keeps what came in ``received``."""

    daemon_threads = True

    def __init__(self) -> None:
        self.received: list[Delivered] = []
        self.answers: list[int] = []
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}/hook"


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append(Delivered(body, self.headers["Stripe-Signature"]))
        self.send_response(self.server.answers.pop(0) if self.server.answers else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def receiving() -> Iterator[Receiver]:
    with Receiver() as receiver:
        thread = threading.Thread(target=receiver.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield receiver
        receiver.shutdown()
        thread.join()


class Simulator:
    """A running simulator. ``control`` asks its door; ``client`` is the unmodified package."""

    def __init__(self, process: subprocess.Popen[str], port: int, control_port: int) -> None:
        self.process = process
        self.url = f"http://127.0.0.1:{port}"
        self.control_address = f"127.0.0.1:{control_port}"

    def client(self, key: str = "sk_test_acme", retries: int = 0) -> stripe.StripeClient:
        addresses = {"api": self.url, "files": self.url}
        return stripe.StripeClient(key, base_addresses=addresses, max_network_retries=retries)

    def control(self, method: str, path: str, **body: Any) -> Any:
        connection = HTTPConnection(self.control_address, timeout=30)
        connection.request(method, path, json.dumps(body) if body else None)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        assert answer.status in (200, 202), text
        return [json.loads(line) for line in text.splitlines()] if path.startswith("/journal") else json.loads(text)

    def plain(self, method: str, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """A request that the package would not make."""
        connection = HTTPConnection(urlsplit(self.url).netloc, timeout=10)
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, dict(answer.getheaders()), content

    def kill(self) -> None:
        self.process.kill()
        self.end()

    def end(self) -> None:
        """Wait until it has ended."""
        self.process.wait(10)
        assert self.process.stdout
        self.process.stdout.close()


def start(data: Path | None = None, *options: str) -> Simulator:
    port, control_port = pick_port(), pick_port()
    command = [sys.executable, "-m", "simulator", "--port", str(port), "--control-port", str(control_port)]
    command += ["--data", str(data)] if data else []
    process = subprocess.Popen([*command, "--frozen", *options], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout
    assert process.stdout.readline().startswith("ready ")
    return Simulator(process, port, control_port)


@contextmanager
def running(data: Path | None = None, *options: str) -> Iterator[Simulator]:
    simulator = start(data, *options)
    try:
        yield simulator
    finally:
        simulator.process.terminate()
        simulator.end()
