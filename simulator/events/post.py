"""One POST of an event, over connections that stay open."""

import http.client
import select
from collections import defaultdict
from typing import NamedTuple
from urllib.parse import urlsplit

TIMEOUT = 20
_HEADERS = {
    "Content-Type": "application/json; charset=utf-8",
    "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
    "Accept": "*/*; q=0.5, application/xml",
}


class Message(NamedTuple):
    url: str
    body: bytes
    signature: str


class Outcome(NamedTuple):
    """``status`` is None when no answer came."""

    status: int | None
    error: str


class Poster:
    """Sends from any thread; a connection that has nothing to do waits for whoever comes next."""

    def __init__(self) -> None:
        self._idle: dict[str, list[http.client.HTTPConnection]] = defaultdict(list)

    def close(self) -> None:
        for connections in self._idle.values():
            while connections:
                connections.pop().close()

    def __call__(self, message: Message) -> Outcome:
        """Anything but 2xx is a failure, redirects too."""
        url = urlsplit(message.url)
        idle = self._idle[f"{url.scheme}://{url.netloc}"]
        path = (url.path or "/") + (f"?{url.query}" if url.query else "")
        headers = _HEADERS | {"Stripe-Signature": message.signature}
        try:
            connection = idle.pop()
        except IndexError:
            connection = _connect(url.scheme, url.hostname or "", url.port)
        try:
            if _was_closed(connection):
                connection.close()
            status = _post(connection, path, message.body, headers)
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            return Outcome(None, f"{type(error).__name__}: {error}")
        idle.append(connection)
        return Outcome(status, "" if 200 <= status < 300 else f"answered {status}")


def _connect(scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
    kind = http.client.HTTPSConnection if scheme == "https" else http.client.HTTPConnection
    return kind(host, port, timeout=TIMEOUT)


def _was_closed(connection: http.client.HTTPConnection) -> bool:
    """Whether the other side ended a kept connection; a closed one opens itself anew. Between answers nothing is to
    be read but that end."""
    if connection.sock is None:
        return False
    waiting = select.poll()
    waiting.register(connection.sock, select.POLLIN)
    return bool(waiting.poll(0))


def _post(connection: http.client.HTTPConnection, path: str, body: bytes, headers: dict[str, str]) -> int:
    connection.request("POST", path, body, headers)
    answer = connection.getresponse()
    answer.read()
    return answer.status
