"""Deliveries over connections that stay open, or do not."""

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from portal.embedded.ports import pick_port
from simulator.events.post import Message, Poster


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, *, stays: bool, status: int) -> None:
        self.stays, self.status = stays, status
        self.peers: list[tuple[str, int]] = []
        self.bodies: list[bytes] = []
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.server.peers.append(self.client_address)
        self.server.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()
        # Without a word: the next one on this connection finds it closed.
        self.close_connection = not self.server.stays

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def serving(*, stays: bool = True, status: int = 200) -> Iterator[_Server]:
    with _Server(stays=stays, status=status) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.005,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def send(post: Poster, port: int, count: int) -> list[int | None]:
    message = Message(f"http://127.0.0.1:{port}/hook?a=1", b"{}", "t=1,v1=00")
    return [post(message).status for _ in range(count)]


def test_one_connection_carries_many() -> None:
    with serving() as server, closing(Poster()) as post:
        assert send(post, server.server_port, 3) == [200] * 3
        assert len(set(server.peers)) == 1


def test_a_closed_connection_is_opened_anew_and_nothing_comes_twice() -> None:
    with serving(stays=False) as server, closing(Poster()) as post:
        statuses = []
        for _ in range(3):
            statuses += send(post, server.server_port, 1)
            # The end of the connection is on its way.
            threading.Event().wait(0.01)
        assert statuses == [200] * 3
        assert len(server.bodies) == 3
        assert len(set(server.peers)) == 3


def test_anything_but_success_is_told() -> None:
    with serving(status=301) as server, closing(Poster()) as post:
        outcome = post(Message(f"http://127.0.0.1:{server.server_port}/", b"{}", "t=1"))
    assert (outcome.status, outcome.error) == (301, "answered 301")
    silent = Poster()(Message(f"http://127.0.0.1:{pick_port()}/", b"{}", "t=1"))
    assert silent.status is None
    assert "Refused" in silent.error
