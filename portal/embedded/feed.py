"""Plays the processor of the demo: posts signed events to the real webhook doors, first a history, then a trickle."""

import argparse
import hashlib
import heapq
import hmac
import http.client
import json
import os
import random
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from portal.embedded.connections import DemoConnection, read_connections
from portal.embedded.demo import data_of_process
from portal.embedded.environment import read_values, write_values
from portal.embedded.shops import SHOPS
from portal.embedded.stories import tell_history, tell_story

HISTORY_DAYS = 90
CONCURRENT = 4
PAUSE = (5.0, 20.0)
STEP = 0.2
# In the trickle a day passes in a minute: refunds and captures come while somebody watches.
PACE = 60
PATIENCE = 60.0


class DoorClosed(Exception):
    """The door refused an event for good, or did not answer for too long."""


class Sender:
    """Posts events over connections that stay open, one a thread, until the end of its `with` block."""

    def __init__(self, url: str) -> None:
        where = urlsplit(url)
        self.host, self.port = where.hostname or "127.0.0.1", where.port or 80
        self.local = threading.local()
        self.lines: list[http.client.HTTPConnection] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for line in self.lines:
            line.close()

    def post(self, connection: DemoConnection, event: dict[str, Any]) -> None:
        """Delivers one event, signed now; tries again while the site is away. Raises DoorClosed."""
        body = json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode()
        deadline = time.monotonic() + PATIENCE
        while (answer := self.attempt(connection, body)) not in range(200, 300):
            if answer in range(400, 500) and answer != 429:
                raise DoorClosed(f"{connection.path} answers {answer} to {event['type']} {event['id']}")
            if time.monotonic() > deadline:
                raise DoorClosed(f"{connection.path} has not taken {event['id']} for {PATIENCE:.0f} s ({answer})")
            time.sleep(0.5)

    def attempt(self, connection: DemoConnection, body: bytes) -> int:
        """The status of one delivery; 0 when nobody answered."""
        if not hasattr(self.local, "line"):
            self.local.line = http.client.HTTPConnection(self.host, self.port, timeout=15)
            self.lines.append(self.local.line)
        line = self.local.line
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signature(connection.secret, body, int(time.time())),
            "User-Agent": "Counterfoil-demo/1.0",
        }
        try:
            line.request("POST", connection.path, body=body, headers=headers)
            with line.getresponse() as response:
                response.read()
                return int(response.status)
        except (OSError, http.client.HTTPException):
            line.close()
            return 0


def signature(secret: str, body: bytes, moment: int) -> str:
    """The Stripe-Signature header of a body sent at `moment` (Unix time)."""
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"


def history_is_posted(data: Path) -> bool:
    """Whether the past needs no posting any more."""
    return read_values(data / "demo-feed").get("HISTORY") == "posted"


def post_history(sender: Sender, data: Path) -> int:
    """Posts the past of every shop; returns how many events. Does nothing the second time."""
    if history_is_posted(data):
        return 0
    state = read_values(data / "demo-feed")
    # The same events again after a start that was interrupted: the doors know them by their ids.
    until = int(state.get("UNTIL") or time.time())
    write_values(data / "demo-feed", {**state, "UNTIL": str(until)}, heading="# What the demo has posted so far.")
    connections = read_connections(data)
    letters = [
        (connections[shop.slug], event)
        for shop in SHOPS
        for event in tell_history(shop, until=until, days=HISTORY_DAYS)
    ]
    letters.sort(key=lambda letter: letter[1]["created"])
    with ThreadPoolExecutor(CONCURRENT) as pool:
        for _ in pool.map(lambda letter: sender.post(*letter), letters):
            pass
    write_values(
        data / "demo-feed",
        {**state, "UNTIL": str(until), "HISTORY": "posted"},
        heading="# What the demo has posted so far.",
    )
    return len(letters)


def post_trickle(sender: Sender, data: Path, *, payments: int | None = None) -> None:
    """Posts a new payment every few seconds and what becomes of it, for ever or for a number of `payments`."""
    connections = read_connections(data)
    chance = random.Random(os.urandom(16))
    state = read_values(data / "demo-feed")
    number = int(state.get("NUMBER", "0"))
    # Due time, a tie-breaker, and what to post then.
    due: list[tuple[float, int, DemoConnection, dict[str, Any]]] = []
    told, next_payment = 0, time.time()
    while payments is None or told < payments or due:
        if (payments is None or told < payments) and time.time() >= next_payment:
            shop = chance.choices(SHOPS, [each.daily for each in SHOPS])[0]
            number, told = number + 1, told + 1
            write_values(
                data / "demo-feed", {**state, "NUMBER": str(number)}, heading="# What the demo has posted so far."
            )
            events = tell_story(shop, chance, at=int(time.time()), number=shop.first_number + 2_000 + number, pace=PACE)
            for position, event in enumerate(events):
                heapq.heappush(due, (event["created"], number * 100 + position, connections[shop.slug], event))
            next_payment = time.time() + chance.uniform(*PAUSE)
        while due and due[0][0] <= time.time():
            _, _, connection, event = heapq.heappop(due)
            sender.post(connection, event)
        time.sleep(STEP)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m portal.embedded.feed")
    parser.add_argument("--url", required=True, help="the site's address")
    typed = parser.parse_args(arguments)
    data = data_of_process()
    with Sender(typed.url) as sender:
        print(f"posted {post_history(sender, data)} events of the past", flush=True)
        post_trickle(sender, data)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
