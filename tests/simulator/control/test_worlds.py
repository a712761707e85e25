"""Worlds on the control door: histories, lived days and attacks, with their progress."""

import time
from typing import Any

import pytest

from tests.simulator.processes import Receiver, Simulator, running

DAY = 24 * 3600


@pytest.fixture(scope="module")
def simulator() -> Any:
    """One whose clock these tests may move as they like."""
    with running() as simulator:
        yield simulator


def finished(simulator: Simulator, job: dict[str, Any]) -> dict[str, Any]:
    """The job when it has ended."""
    until = time.monotonic() + 20
    while job["state"] == "running" and time.monotonic() < until:
        time.sleep(0.02)
        job = simulator.control("GET", f"/worlds/{job['id']}")
    return job


def test_a_history_is_written_and_its_progress_told(simulator: Simulator, receiver: Receiver) -> None:
    client = simulator.client("sk_test_history")
    client.v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["*"]})
    start = simulator.control("GET", "/clock")["now"] + DAY
    given = {"key": "sk_test_history", "profile": "coffee", "from": start, "days": 20, "payments": 30}
    job = simulator.control("POST", "/worlds", **given, wait=True)
    assert (job["state"], job["done"], job["end"]) == ("done", 100, start + 20 * DAY)
    assert job["payments"] >= 28
    assert simulator.control("GET", "/clock")["now"] == start + 20 * DAY
    [newest] = client.v1.charges.list({"limit": 1}).data
    assert start < newest.created < start + 20 * DAY
    assert simulator.control("GET", "/worlds")[0]["id"] == job["id"]
    simulator.control("POST", "/deliveries/settle")
    assert receiver.received == []


def test_several_merchants_share_their_time(simulator: Simulator) -> None:
    worlds = [{"key": f"sk_test_{name}", "profile": name, "payments": 6} for name in ("kitenge", "tours")]
    job = simulator.control("POST", "/worlds", worlds=worlds, days=3, wait=True)
    assert job["state"] == "done"
    for name, currencies in (("kitenge", {"kes", "usd"}), ("tours", {"isk", "usd", "eur"})):
        charges = simulator.client(f"sk_test_{name}").v1.charges.list().data
        assert {charge.currency for charge in charges} <= currencies
        assert charges


def test_an_attack_comes_over_an_account_with_payments(simulator: Simulator) -> None:
    client = simulator.client("sk_test_victim")
    world = {"key": "sk_test_victim", "profile": "bookshop"}
    simulator.control("POST", "/worlds", **world, days=3, payments=40, wait=True)
    job = simulator.control("POST", "/scenarios/wave", **world, count=4, days=8)
    simulator.control("POST", "/clock", advance=8 * DAY)
    assert finished(simulator, job)["state"] == "done"
    assert len(client.v1.disputes.list().data) == 4


def test_a_day_is_lived_as_the_clock_goes(simulator: Simulator, receiver: Receiver) -> None:
    client = simulator.client("sk_test_live")
    client.v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["payment_intent.succeeded"]})
    job = simulator.control("POST", "/scenarios/day", key="sk_test_live", profile="coffee", payments=12)
    assert job["state"] == "running"
    simulator.control("POST", "/clock", advance=DAY + 60)
    assert finished(simulator, job)["payments"] >= 9
    simulator.control("POST", "/deliveries/settle")
    assert receiver.received


def test_a_stopped_day_brings_no_more_orders(simulator: Simulator) -> None:
    key = "sk_test_stopped"
    job = simulator.control("POST", "/scenarios/day", key=key, profile="bookshop", payments=40)
    assert simulator.control("DELETE", f"/worlds/{job['id']}")["state"] == "stopped"
    simulator.control("POST", "/clock", advance=DAY)
    assert simulator.client(key).v1.payment_intents.list().data == []


@pytest.mark.parametrize(
    ("path", "given"),
    [
        ("/worlds", {"key": "sk_test_wrong", "profile": "casino"}),
        ("/worlds", {"key": "sk_test_wrong", "from": 1}),
        ("/scenarios/peace", {"key": "sk_test_wrong"}),
    ],
)
def test_what_cannot_be_written_is_refused(simulator: Simulator, path: str, given: dict[str, Any]) -> None:
    with pytest.raises(AssertionError, match="error"):
        simulator.control("POST", path, **given)


def test_no_history_while_the_clock_follows_real_time() -> None:
    with running() as simulator:
        simulator.control("POST", "/clock", follow=None)
        with pytest.raises(AssertionError, match="freeze it"):
            simulator.control("POST", "/worlds", key="sk_test_late", days=1)
