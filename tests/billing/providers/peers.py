"""A peer that is no processor: it answers every request with the same bytes and keeps what it was sent."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

DATE = "Date: Mon, 05 Jan 2026 09:00:00 GMT"


class Peer:
    def __init__(self, answer: bytes) -> None:
        self.answer = answer
        self.requests: list[str] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def serve(self) -> None:
        while True:
            try:
                line, _ = self.listener.accept()
            except OSError:
                return
            with line:
                request = b""
                while b"\r\n\r\n" not in request:
                    request += line.recv(65_536)
                self.requests.append(request.decode())
                line.sendall(self.answer)


def answer(status: int, body: str, *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} Any", *headers, f"Content-Length: {len(body.encode())}", "Connection: close"]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


@contextmanager
def answering(status: int, body: str, *headers: str) -> Iterator[Peer]:
    peer = Peer(answer(status, body, *headers))
    thread = threading.Thread(target=peer.serve, daemon=True)
    thread.start()
    try:
        yield peer
    finally:
        peer.listener.shutdown(socket.SHUT_RDWR)
        peer.listener.close()
        thread.join()
