"""The site's listening socket, and whether the site behind it is ready."""

import errno
import json
import socket
import urllib.error
import urllib.request

from portal.embedded.refusal import CannotStart


def open_door(port: int) -> socket.socket:
    """Listens on loopback. Held by the launcher: connections wait in it while the web process is started again.

    Raises CannotStart when the port is taken or reserved.
    """
    door = socket.socket()
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Inherited by each connection. The event loop sets it only on sockets that it opened itself, and without it
    # an answer in two parts waits 40 ms for an acknowledgement.
    door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        door.bind(("127.0.0.1", port))
        door.listen(2048)
    except OSError as reason:
        door.close()
        state = "is reserved for root" if reason.errno == errno.EACCES else "is taken"
        raise CannotStart(f"Port {port} {state}: choose another one with --port or PORT.") from reason
    return door


def readiness(url: str, *, within: float = 5) -> str:
    """ "" when /readyz answers 200, else why not."""
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=within) as answer:
            return "" if answer.status == 200 else f"/readyz answers {answer.status}"
    except urllib.error.HTTPError as refusal:
        with refusal:
            return f"/readyz answers {refusal.code} {failing(refusal.read(2000))}".strip()
    except OSError as reason:
        return f"it does not answer ({reason})"


def failing(body: bytes) -> str:
    """The dependencies that a refusal names."""
    try:
        return json.dumps(json.loads(body))
    except ValueError:
        return ""
