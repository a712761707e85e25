"""The simulator: a quarter of a merchant's history, and payments over HTTP with all their events delivered."""

import json
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import stripe

from benchmarks.report import Goal, Report
from benchmarks.rounds import cpu_of
from portal.embedded.ports import pick_port
from simulator.engine import Engine
from simulator.store import Store
from simulator.worlds.history import History, begin
from simulator.worlds.merchants import PROFILES
from simulator.worlds.world import World

ROOT = Path(__file__).resolve().parent.parent
PAYMENTS, OVER_HTTP = 20_000, 2_000
QUARTER = 91 * 24 * 3600
CLIENTS = 4
KEY = "sk_test_benchmark"
# Rows of a bare transaction: about what a history writes in one.
AT_ONCE = 1_500


def measure(rows: int | None = None) -> Report:
    """``rows`` is how many payments the history has; a tenth of them goes over HTTP."""
    payments = rows or PAYMENTS
    over_http = payments * OVER_HTTP // PAYMENTS
    with folder() as place:
        seeded = seed(place, payments)
        bare = write_bare(place)
    served = serve(over_http)
    goals = [
        Goal(
            f"a quarter with {payments} payments, refunds, disputes and payouts; beside its bare rows into SQLite",
            bound=30, ratio=seeded["seconds"], value=seeded["seconds"], baseline=bare, at_most=True, unit="s",
        ),
        Goal(
            f"{over_http} payments over HTTP by Stripe's package, all events delivered; beside a bare server",
            bound=20, ratio=served["seconds"], value=served["seconds"], baseline=served["bare_seconds"], at_most=True,
            unit="s",
        ),
    ]  # fmt: skip
    return Report("simulator", goals, {"history": seeded, "http": served})


def seed(place: Path, payments: int) -> dict[str, Any]:
    engine = Engine(place)
    world = World(engine, PROFILES["outdoor"], "acct_benchmark", "1")
    start = engine.clock.now()
    before, cpu = time.perf_counter(), time.process_time()
    begin(world, start, start + QUARTER, payments=payments)
    History(engine, [world]).run(start + QUARTER)
    told = {"seconds": round(time.perf_counter() - before, 2), "cpu_seconds": round(time.process_time() - cpu, 2)}
    kinds = dict(engine.store.db.execute("select kind, count(*) from object group by kind order by 2 desc limit 12"))
    engine.close()
    return told | {"objects": kinds, "megabytes": (place / "simulator.sqlite3").stat().st_size // 1_000_000}


def write_bare(place: Path) -> float:
    """Seconds for the same objects and journal, ready as text, into the same tables; no links and no thought."""
    rows = sqlite3.connect(place / "simulator.sqlite3")
    objects = rows.execute("select account, kind, id, created, body from object order by seq").fetchall()
    lines = rows.execute("select line from journal").fetchall()
    rows.close()
    before = time.perf_counter()
    store = Store(place / "bare.sqlite3")
    for first in range(0, len(objects), AT_ONCE):
        with store.transaction():
            part = objects[first : first + AT_ONCE]
            store.db.executemany("insert into object (account, kind, id, created, body) values (?, ?, ?, ?, ?)", part)
    with store.transaction():
        store.db.executemany("insert into journal (line) values (?)", lines)
    store.close()
    return time.perf_counter() - before


def serve(payments: int) -> dict[str, Any]:
    """Payments by Stripe's package: at a bare server, and at the simulator until every event has arrived."""
    ports = [pick_port() for _ in range(3)]
    with folder() as place, process("benchmarks.listener", str(ports[0])) as listener:
        bare = pay(f"http://127.0.0.1:{ports[0]}", payments)
        command = ("simulator", "--port", str(ports[1]), "--control-port", str(ports[2]), "--data", str(place))
        with process(*command) as server:
            url = f"http://127.0.0.1:{ports[1]}"
            endpoint = {"url": f"http://127.0.0.1:{ports[0]}/hook", "enabled_events": ["*"]}
            client(url).v1.webhook_endpoints.create(endpoint)  # type: ignore[arg-type]
            heard = get(ports[0])
            before, cpu = time.perf_counter(), cpu_of(server.pid)
            paid = pay(url, payments)
            settle = urllib.request.Request(f"http://127.0.0.1:{ports[2]}/deliveries/settle", b"", method="POST")
            urllib.request.urlopen(settle).read()
            seconds = time.perf_counter() - before
            events = get(ports[0]) - heard
            told = {"seconds": round(seconds, 2), "bare_seconds": round(bare, 2), "paid_after": round(paid, 2)}
            told |= {"events": events, "server_cpu_seconds": round(cpu_of(server.pid) - cpu, 2)}
            return told | {"listener_cpu_seconds": round(cpu_of(listener.pid), 2)}


def pay(url: str, payments: int) -> float:
    """Seconds that so many payments take."""
    clients = [client(url) for _ in range(CLIENTS)]

    def one(number: int) -> str:
        return (
            clients[number % CLIENTS]
            .v1.payment_intents.create(
                {
                    "amount": 1000 + number,
                    "currency": "eur",
                    "confirm": True,
                    "payment_method": "pm_card_visa",
                    "metadata": {"order_id": str(number)},
                    "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
                }
            )
            .status
        )

    before = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as threads:
        statuses = set(threads.map(one, range(payments)))
    if statuses != {"succeeded"}:
        raise RuntimeError(f"payments ended as {statuses}")
    return time.perf_counter() - before


def client(url: str) -> stripe.StripeClient:
    return stripe.StripeClient(KEY, base_addresses={"api": url, "files": url}, max_network_retries=0)


def get(port: int) -> int:
    """How many deliveries the listener has heard."""
    return int(json.loads(urllib.request.urlopen(f"http://127.0.0.1:{port}/").read()))


@contextmanager
def process(*module: str) -> Iterator["subprocess.Popen[str]"]:
    """A module as a process that has said that it is ready."""
    started = subprocess.Popen([sys.executable, "-m", *module], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert started.stdout
    started.stdout.readline()
    try:
        yield started
    finally:
        started.terminate()
        started.wait(10)


@contextmanager
def folder() -> Iterator[Path]:
    """On the disk of the checkout, not in memory."""
    parent = ROOT / ".data" / "benchmarks"
    parent.mkdir(parents=True, exist_ok=True)
    place = Path(tempfile.mkdtemp(dir=parent, prefix="simulator-"))
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)
