"""A peer that is no processor: it answers every request with the same bytes, or with a reset, and keeps what it was
sent."""

import re
import socket
import struct
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
                self.requests.append(_read(line).decode())
                if self.answer:
                    line.sendall(self.answer)
                else:
                    # Closed without a word and at once: a reset.
                    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _read(line: socket.socket) -> bytes:
    """A request with its body. Closing before all of it was read would break the line."""
    request = b""
    while b"\r\n\r\n" not in request and (piece := line.recv(65_536)):
        request += piece
    head, _, body = request.partition(b"\r\n\r\n")
    announced = re.search(rb"\r\ncontent-length: (\d+)", head, re.IGNORECASE)
    while announced and len(body) < int(announced[1]) and (piece := line.recv(65_536)):
        body += piece
    return head + b"\r\n\r\n" + body


def answer(status: int, body: str, *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} Any", *headers, f"Content-Length: {len(body.encode())}", "Connection: close"]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


@contextmanager
def answering(status: int, body: str, *headers: str) -> Iterator[Peer]:
    with saying(answer(status, body, *headers)) as peer:
        yield peer


@contextmanager
def saying(answer: bytes) -> Iterator[Peer]:
    """``answer`` as it is; a reset instead of none."""
    peer = Peer(answer)
    thread = threading.Thread(target=peer.serve, daemon=True)
    thread.start()
    try:
        yield peer
    finally:
        peer.listener.shutdown(socket.SHUT_RDWR)
        peer.listener.close()
        thread.join()
