"""Money calls while the simulator is killed at random: `python -m tests.simulator.kills [--full] [--seed N]`."""

import argparse
import http.client
import json
import random
import secrets
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from tests.simulator.agreement import disagreements
from tests.simulator.processes import Simulator, start
from tests.simulator.worlds import KEY, flat

CALLERS = 4
CARDS = {"visa": 6, "bypassPending": 5, "visa_chargeDeclined": 2, "createDispute": 1, "refundFail": 1} | {
    "pendingRefund": 1,
    "riskLevelElevated": 1,
}
CURRENCIES = ("eur", "eur", "jpy", "kwd")
HOUR, DAY = 3600, 24 * 3600
PATIENCE = 30


class Command(NamedTuple):
    # None: sent without a key.
    key: str | None
    path: str
    params: dict[str, Any]


class Answer(NamedTuple):
    status: int
    body: bytes


@dataclass
class Site:
    """A simulator that is started again each time that it was killed. ``down`` is set meanwhile."""

    folder: Path
    running: Simulator
    sent: int = 0
    kills: int = 0
    wrong: list[str] = field(default_factory=list)
    up: threading.Event = field(default_factory=threading.Event)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def kill(self) -> None:
        """And look at what it left."""
        self.up.clear()
        self.running.kill()
        self.kills += 1
        self.wrong += [f"after kill {self.kills}: {wrong}" for wrong in disagreements(self.folder)]
        self.running = start(self.folder)
        self.up.set()

    def ask(self, command: Command) -> Answer:
        """Until there is an answer, however often it must be asked."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            self.up.wait(PATIENCE)
            with self.changed:
                self.sent += 1
                self.changed.notify_all()
            try:
                answer = ask_once(self.running.url, command)
            except (OSError, http.client.HTTPException):
                continue
            if answer.status != 409:
                return answer
        raise TimeoutError(f"no answer to {command}")

    def walk(self, seconds: int) -> None:
        """Let virtual time pass, as far as it does before a kill."""
        to = self.running.control("GET", "/clock")["now"] + seconds
        self.running.control("POST", "/clock", to=to)


def ask_once(url: str, command: Command, key: str = KEY) -> Answer:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    try:
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/x-www-form-urlencoded"}
        headers |= {"Idempotency-Key": command.key} if command.key else {}
        connection.request("POST", command.path, urlencode(list(flat(command.params))), headers)
        answer = connection.getresponse()
        return Answer(answer.status, answer.read())
    finally:
        connection.close()


@dataclass
class Caller:
    """Makes commands out of what came of those before."""

    name: str
    chance: random.Random
    account: str
    charges: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    made: list[tuple[Command, Answer]] = field(default_factory=list)

    def work(self, site: Site, count: int) -> None:
        for number in range(count):
            command = Command(f"{self.name}-{number}", *self._next())
            answer = site.ask(command)
            self.made.append((command, answer))
            self._learn(command, json.loads(answer.body))

    def _next(self) -> tuple[str, dict[str, Any]]:
        chance = self.chance
        act = chance.choices(
            ("pay", "refund", "capture", "cancel", "payout", "topup", "transfer"), (10, 5, 1, 1, 1, 1, 1)
        )[0]
        small = {"amount": 10 * chance.randint(1, 90), "currency": "eur"}
        match act:
            case "refund" if self.charges:
                return "/v1/refunds", {"charge": chance.choice(self.charges), "amount": 10 * chance.randint(1, 200)}
            case "capture" | "cancel" if self.held:
                return f"/v1/payment_intents/{self.held.pop()}/{act}", {}
            case "payout":
                return "/v1/payouts", small
            case "topup":
                return "/v1/topups", small
            case "transfer":
                return "/v1/transfers", small | {"destination": self.account}
        card = chance.choices(list(CARDS), list(CARDS.values()))[0]
        payment = {"amount": 10 * chance.randint(50, 5000), "currency": chance.choice(CURRENCIES), "confirm": True}
        payment |= {"payment_method": f"pm_card_{card}", "payment_method_types": ["card"]}
        manual = {"capture_method": "manual"} if chance.random() < 0.15 else {}
        return "/v1/payment_intents", payment | manual

    def _learn(self, command: Command, body: dict[str, Any]) -> None:
        if command.path == "/v1/payment_intents" and "error" not in body:
            if body["status"] == "requires_capture":
                self.held.append(body["id"])
            else:
                self.charges.append(body["latest_charge"])


def run(*, seed: int, calls: int, kills: int) -> Iterator[str]:
    """What was wrong. Prints one line of figures."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="kills-") as folder:
        site = Site(Path(folder), start(Path(folder), "--seed", str(seed)))
        site.up.set()
        try:
            made = _storm(site, seed, calls, kills)
            yield from _retried(site, made)
            _age(site, random.Random(f"age {seed}"))
            site.kill()
        finally:
            site.running.kill()
    yield from site.wrong
    statuses = sorted({answer.status for _, answer in made})
    print(
        f"seed {seed}: {len(made)} calls, {site.sent} requests, {site.kills} kills, answers {statuses},"
        f" {time.monotonic() - began:.1f} s"
    )


def _storm(site: Site, seed: int, calls: int, kills: int) -> list[tuple[Command, Answer]]:
    """Callers and a killer at the same time."""
    account = json.loads(site.ask(Command(None, "/v1/accounts", {"type": "standard"})).body)["id"]
    callers = [Caller(str(number), random.Random(f"{number} {seed}"), account) for number in range(CALLERS)]
    threads = [threading.Thread(target=caller.work, args=(site, calls // CALLERS)) for caller in callers]
    for thread in threads:
        thread.start()
    chance, each = random.Random(f"kill {seed}"), calls // (kills + 1)
    for number in range(kills):
        wanted = (number + 1) * each + chance.randint(-each // 3, each // 3)
        with site.changed:
            site.changed.wait_for(lambda: site.sent >= wanted or not any(map(threading.Thread.is_alive, threads)), 60)  # noqa: B023
        time.sleep(chance.uniform(0, 0.01))
        site.kill()
        # Keys are kept for a day: less than that passes while they are in use.
        site.walk(20 * HOUR // kills)
    for thread in threads:
        thread.join()
    return [one for caller in callers for one in caller.made]


def _retried(site: Site, made: list[tuple[Command, Answer]]) -> Iterator[str]:
    """Every key once more: the same answer."""
    for command, answer in made:
        if site.ask(command) != answer:
            yield f"{command.key} was answered otherwise when it came again"


def _age(site: Site, chance: random.Random) -> None:
    """Ten days pass, with kills on the way: what is due happens once."""
    target = site.running.control("GET", "/clock")["now"] + 10 * DAY
    while (now := site.running.control("GET", "/clock")["now"]) < target:
        to = min(target, now + chance.randint(3 * DAY, 6 * DAY))
        walking = threading.Thread(target=_walk, args=(site.running, to))
        walking.start()
        time.sleep(chance.uniform(0, 0.2))
        site.kill()
        walking.join()
        site.running.control("POST", "/clock", to=max(to, site.running.control("GET", "/clock")["now"]))


def _walk(simulator: Simulator, to: int) -> None:
    try:
        simulator.control("POST", "/clock", to=to)
    except (OSError, http.client.HTTPException):
        return


SMALL = {"calls": 80, "kills": 3}
FULL = {"calls": 1000, "kills": 40}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulator.kills")
    parser.add_argument("--full", action="store_true", help="1,000 calls and 40 kills; without it a run of seconds")
    parser.add_argument("--seed", type=int, help="decides everything that is random; a new one is made without it")
    typed = parser.parse_args()
    seed = secrets.randbelow(2**31) if typed.seed is None else typed.seed
    wrong = list(run(seed=seed, **(FULL if typed.full else SMALL)))
    print("\n".join(wrong[:20]))
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
