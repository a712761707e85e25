"""Sends single requests, whole and exactly as told, and keeps everything of the answers."""

import http.client
import itertools
import random
import socket
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlsplit

# Any text of this length is a token: the site compares it with the cookie, and only its own pages can do that.
TOKEN = "t" * 32
_STREAM_SECONDS = 0.3
_LONGEST = 30


@dataclass(frozen=True)
class Answer:
    """`seconds` until the headers were there; the body of a stream is what came within a moment."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    seconds: float

    def get(self, name: str) -> str:
        """A header; several of that name are joined by commas."""
        return ", ".join(value for key, value in self.headers if key == name.lower())

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")

    @property
    def target(self) -> str:
        """Where a redirect leads, htmx's own included."""
        return self.get("location") or self.get("hx-redirect")

    @property
    def cookies(self) -> dict[str, str]:
        pairs = [value.partition(";")[0].partition("=") for name, value in self.headers if name == "set-cookie"]
        return {name: value for name, _, value in pairs}


_numbers = itertools.count(random.SystemRandom().randrange(2**22))


def fresh_source() -> str:
    """A loopback address that nobody came from in this minute: the sign-in pages count requests by address."""
    number = next(_numbers)
    return f"127.{16 + number // 65_536 % 200}.{number // 256 % 256}.{number % 254 + 1}"


@dataclass
class Visitor:
    """Keeps a connection a thread until it is closed. `source` is the loopback address that it comes from."""

    url: str
    source: str = ""
    _local: threading.local = field(default_factory=threading.local)
    _lines: list[http.client.HTTPConnection] = field(default_factory=list)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    def close(self) -> None:
        """Hangs up everywhere; the threads that used it must be done."""
        for line in self._lines:
            line.close()
        self._lines.clear()
        self._local = threading.local()

    def ask(
        self,
        method: str,
        path: str,
        *,
        cookies: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Answer:
        """The answer to one request. A connection that the site closed meanwhile is opened again, once."""
        sent = dict(headers or {})
        if cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        for last in (False, True):
            try:
                return self._ask(method, path, sent, body)
            except (http.client.HTTPException, ConnectionError):
                self.hang_up()
                if last:
                    raise
        raise AssertionError

    def hang_up(self) -> None:
        line = self._local.__dict__.pop("line", None)
        if line:
            line.close()

    def _ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        line = self._line()
        started = time.monotonic()
        line.request(method, path, body=body, headers=headers)
        response = line.getresponse()
        seconds = time.monotonic() - started
        found = [(name.lower(), value) for name, value in response.getheaders()]
        streams = response.getheader("Content-Type", "").startswith("text/event-stream")
        text = self._some(response) if streams else response.read()
        if streams:
            self.hang_up()
        return Answer(response.status, found, text, seconds)

    def _line(self) -> http.client.HTTPConnection:
        if not hasattr(self._local, "line"):
            where = urlsplit(self.url)
            source = (self.source, 0) if self.source else None
            self._local.line = http.client.HTTPConnection(
                where.hostname or "", where.port, timeout=_LONGEST, source_address=source
            )
            self._lines.append(self._local.line)
        line: http.client.HTTPConnection = self._local.line
        return line

    def _some(self, response: http.client.HTTPResponse) -> bytes:
        line: http.client.HTTPConnection = self._local.line
        if line.sock:
            line.sock.settimeout(_STREAM_SECONDS)
        try:
            return response.read1(4096)
        except TimeoutError:
            return b""


def form_headers(url: str, *, fragment: bool = False) -> dict[str, str]:
    """What a browser sends with a form of our own pages."""
    headers = {"Origin": url, "X-CSRFToken": TOKEN, "Content-Type": "application/x-www-form-urlencoded"}
    return {**headers, "HX-Request": "true"} if fragment else headers


def raw(port: int, data: bytes, *, within: float = 10) -> bytes:
    """Everything that the site answers to these very bytes, until it closes the connection."""
    parts: list[bytes] = []
    with socket.create_connection(("127.0.0.1", port), timeout=within) as line:
        try:
            line.sendall(data)
            while part := line.recv(65536):
                parts.append(part)
        except (TimeoutError, ConnectionError):
            pass
    return b"".join(parts)


def parse(data: bytes) -> Answer | None:
    """An answer that was read raw; None for anything that is none."""
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    words = first.split(" ", 2)
    if len(words) < 2 or not words[0].startswith("HTTP/1.") or not words[1].isdigit():
        return None
    pairs: Sequence[tuple[str, str, str]] = [line.partition(":") for line in lines]
    return Answer(int(words[1]), [(name.lower(), value.strip()) for name, _, value in pairs], body, 0.0)
