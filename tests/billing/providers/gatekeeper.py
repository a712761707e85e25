"""Stands before the stand-in processor and keeps some paths back, as a restricted key does."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit


class Gatekeeper(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, processor: str, closed: tuple[str, ...]) -> None:
        self.processor, self.closed = urlsplit(processor).netloc, closed
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Gatekeeper
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path in self.server.closed:
            word = f"rak_{path.rsplit('/', maxsplit=1)[-1]}_read"
            text = f"The provided key does not have access. Having the '{word}' permission would allow this."
            self._answer(403, json.dumps({"error": {"type": "invalid_request_error", "message": text}}).encode())
            return
        line = HTTPConnection(self.server.processor, timeout=10)
        line.request("GET", self.path, headers=dict(self.headers))
        answer = line.getresponse()
        self._answer(answer.status, answer.read())
        line.close()

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """A test that fails says more than a list of requests."""


@contextmanager
def keeping_back(processor: str, *closed: str) -> Iterator[str]:
    """The address of a processor that answers 403 for these paths."""
    with Gatekeeper(processor, closed) as gatekeeper:
        thread = threading.Thread(target=gatekeeper.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield gatekeeper.url
        gatekeeper.shutdown()
        thread.join()
