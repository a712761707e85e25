"""Keep-alive clients in one thread, as cheap as Python allows: requests are made before the clock starts."""

import select
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass

PATIENCE = 60.0


class Unanswered(Exception):
    """A server closed a connection, stayed silent or answered something else than 2xx."""


@dataclass(frozen=True)
class Run:
    """What one run of the clients took. Latencies are seconds, ``cpu`` is the clients' own."""

    seconds: float
    latencies: list[float]
    cpu: float

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds


def post_all(port: int, requests: Sequence[bytes], *, clients: int) -> Run:
    """Sends every request once over ``clients`` connections, each with one request at a time. Raises Unanswered."""
    lines = [socket.create_connection(("127.0.0.1", port)) for _ in range(clients)]
    for line in lines:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        return _drive(lines, requests)
    finally:
        for line in lines:
            line.close()


def _drive(lines: Sequence[socket.socket], requests: Sequence[bytes]) -> Run:
    poll = select.epoll()
    by_number = {line.fileno(): line for line in lines}
    sent_at: dict[int, float] = {}
    heard: dict[int, bytes] = {}
    latencies: list[float] = []
    waiting = iter(requests)
    clock, cpu_before = time.perf_counter, time.process_time()
    started = clock()
    for number, line in by_number.items():
        poll.register(number, select.EPOLLIN)
        heard[number], sent_at[number] = b"", clock()
        line.sendall(next(waiting))
    while len(latencies) < len(requests):
        ready = poll.poll(PATIENCE)
        if not ready:
            raise Unanswered(f"no answer within {PATIENCE:.0f} s")
        for number, _ in ready:
            line = by_number[number]
            answer = heard[number] + line.recv(65_536)
            if not complete(answer):
                heard[number] = answer
                continue
            now = clock()
            latencies.append(now - sent_at[number])
            heard[number] = b""
            following = next(waiting, None)
            if following is not None:
                sent_at[number] = now
                line.sendall(following)
    poll.close()
    return Run(clock() - started, latencies, time.process_time() - cpu_before)


def complete(answer: bytes) -> bool:
    """Whether a whole answer has come. Raises Unanswered for anything but 2xx."""
    if not answer:
        raise Unanswered("the connection was closed")
    head, end, body = answer.partition(b"\r\n\r\n")
    if not end:
        return False
    if not head.startswith(b"HTTP/1.1 2"):
        raise Unanswered(answer[:300].decode(errors="replace"))
    length = head.lower().partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0]
    # Without a length the body comes in chunks, the last of which is empty.
    return len(body) >= int(length) if length else body.endswith(b"0\r\n\r\n")
