"""Ports on loopback. All below 32768: above, the kernel lends them to outgoing connections at any moment."""

import os
import random
import socket
from collections import deque

LOWEST, HIGHEST = 20_000, 32_000
# Between picking a port and listening there somebody else may pick it: programs started together pick among others.
_SHARES = 16
_picked: deque[int] = deque(maxlen=64)


def is_free(port: int) -> bool:
    """Whether a server could listen on 127.0.0.1 at this port now."""
    with socket.socket() as probe:
        # Connections of a server that has just ended linger in TIME_WAIT; they block nobody.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            probe.listen(1)
        except OSError:
            return False
    return True


def pick_port(preferred: int | None = None) -> int:
    """A port nobody listens on: `preferred` where it is free, so that addresses outlive restarts."""
    if preferred is not None and is_free(preferred):
        return preferred
    choices = random.Random(os.urandom(16))
    for _ in range(200):
        port = choices.choice(range(LOWEST + os.getpid() % _SHARES, HIGHEST, _SHARES))
        if port not in _picked and is_free(port):
            _picked.append(port)
            return port
    raise OSError(f"no free port between {LOWEST} and {HIGHEST}")


def answers(port: int) -> bool:
    """Whether somebody accepts connections on 127.0.0.1 at this port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
