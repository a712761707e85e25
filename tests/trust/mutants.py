"""S3: the webhook door takes nothing that was not signed for it, fails at nothing, and keeps its memory."""

import random
import socket
from contextlib import suppress
from dataclasses import replace

from tests.trust.installation import Installation
from tests.trust.mutate import Delivery, Door, Forge
from tests.trust.result import Result
from tests.trust.shops import open_shops

MOST_GROWTH = 50.0


def run(*, seed: int, full: bool, site: Installation) -> Result:
    """Most mutants go to the WSGI application in a process of its own, some over HTTP; good deliveries in between."""
    inside, outside = (96_000, 4_000) if full else (800, 60)
    result = Result("S3", seed, full)
    ours, theirs = open_shops(site, seed=seed, count=2)
    door = Door(ours.public_id, ours.secret, theirs.secret, ours.livemode)
    knocked = site.actor.ask(
        "knock", connection=door.connection, secret=door.secret, foreign=door.foreign,
        livemode=door.livemode, count=inside, seed=seed,
    )  # fmt: skip
    result.problems += knocked["problems"]
    controls = knocked["controls"]
    forge = Forge(door, random.Random(f"http {seed}"))
    before = site.resident("web")
    for number in range(outside):
        if number % 50 == 0:
            controls += 1
            if post(site, forge.good()) != 200:
                result.problems.append("a good delivery over HTTP was refused")
        name, delivery = forge.mutant()
        status = post(site, delivery, chunked=number % 3 == 0)
        if not 400 <= status < 500:
            result.problems.append(f"{name} over HTTP got {status}: {delivery.signatures} {delivery.body[:200]!r}")
    grown = {"wsgi": knocked["grown"], "web": site.resident("web") - before}
    result.problems += [f"{name} grew by {more:.0f} MiB" for name, more in grown.items() if more > MOST_GROWTH]
    result.problems += _rows(site, ours.account_id, controls)
    result.n = inside + outside
    result.facts = {
        "controls": controls,
        "kinds": len(knocked["kinds"]),
        "grown_mib": {name: round(more, 1) for name, more in grown.items()},
    }
    return result


def _rows(site: Installation, account_id: str, controls: int) -> list[str]:
    with site.database() as cursor:
        cursor.execute("SELECT count(*) FROM webhook_event WHERE account_id = %s", [account_id])
        kept = cursor.fetchone()[0]
    return [] if kept == controls else [f"{kept} rows of {controls} good deliveries"]


def post(site: Installation, delivery: Delivery, *, chunked: bool = False) -> int:
    """The status of one POST written byte by byte, as no HTTP library would; 400 when the server just hangs up."""
    delivery = replace(delivery, path=delivery.path.replace(" ", "%20"))
    lines = [f"POST {delivery.path} HTTP/1.1", f"Host: 127.0.0.1:{site.port}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in delivery.headers.items()]
    lines += [f"Stripe-Signature: {value}" for value in delivery.signatures]
    body = delivery.body
    if chunked:
        lines.append("Transfer-Encoding: chunked")
        pieces = [body[start : start + 65_536] for start in range(0, len(body), 65_536)]
        body = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
    else:
        lines.append(f"Content-Length: {len(body)}")
    with socket.create_connection(("127.0.0.1", site.port), timeout=20) as line:
        # The server may answer and hang up before it has read everything.
        with suppress(OSError):
            line.sendall("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)
        return _status(line)


def _status(line: socket.socket) -> int:
    answer = b""
    with suppress(ConnectionError):
        while b"\r\n" not in answer and (piece := line.recv(4_096)):
            answer += piece
    return int(answer.split(b" ", 2)[1]) if answer else 400
