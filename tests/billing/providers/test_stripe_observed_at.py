"""How old an answer is at most: what it does not know of did not happen before ``observed_at``."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from billing.providers.base import Access, Answer, Kind, Page, Window
from billing.providers.stripe.adapter import fetch, list_page
from billing.providers.stripe.client import ask
from tests.billing.providers.peers import DATE, answering
from tests.simulator.processes import Simulator


def now(simulator: Simulator) -> datetime:
    return datetime.fromtimestamp(simulator.control("GET", "/clock")["now"], UTC)


def meanwhile(call: Callable[[], Any], simulator: Simulator, act: Callable[[], Any]) -> Any:
    """The result of a call that is under way at the simulator while ``act`` is done."""
    results: list[Any] = []
    calling = threading.Thread(target=lambda: results.append(call()))
    calling.start()
    while simulator.control("GET", "/faults"):
        pass
    act()
    calling.join()
    return results[0]


def changed_at(simulator: Simulator, access: Access) -> datetime:
    """When the newest event happened."""
    [event] = simulator.client(access.api_key).v1.events.list({"limit": 1}).data
    return datetime.fromtimestamp(event.created, UTC)


def test_it_is_the_processors_time_less_what_the_call_took(simulator: Simulator, access: Access):
    made = simulator.client(access.api_key).v1.customers.create({})
    simulator.control("POST", "/faults", kind="latency", match="GET /v1/customers*", seconds=1.1, after=True)
    slow, quick = (fetch(access, Kind.CUSTOMER, made.id) for _ in range(2))
    assert (now(simulator) - slow.observed_at).total_seconds() == 2
    assert (now(simulator) - quick.observed_at).total_seconds() == 1
    assert quick.observed_at.tzinfo is UTC


def test_a_missing_object_and_a_page_know_it_too(simulator: Simulator, access: Access):
    for answer in (fetch(access, Kind.CHARGE, "ch_none"), list_page(access, Kind.CHARGE, Window())):
        assert (now(simulator) - answer.observed_at).total_seconds() == 1


def test_our_own_clock_has_no_part_in_it():
    with answering(200, "{}", DATE) as peer:
        reply = ask(Access("sk_test_elsewhere", api_base=peer.url), "/v1/account", what="the account")
    assert reply.observed_at == datetime(2026, 1, 5, 8, 59, 59, tzinfo=UTC)


def test_a_date_in_another_zone_is_the_same_moment():
    with answering(200, "{}", "Date: Mon, 05 Jan 2026 10:00:00 +0100") as peer:
        reply = ask(Access("sk_test_zone", api_base=peer.url), "/v1/account", what="the account")
    assert reply.observed_at == datetime(2026, 1, 5, 8, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize("listed", [False, True])
@pytest.mark.parametrize("advanced", [0, 3600])
@pytest.mark.parametrize("after", [False, True])
def test_what_changed_meanwhile_is_known_or_not_older(
    simulator: Simulator, access: Access, listed: bool, advanced: int, after: bool
):
    client = simulator.client(access.api_key)
    made = client.v1.customers.create({"name": "Before"})
    simulator.control("POST", "/clock", advance=5)

    def change() -> None:
        simulator.control("POST", "/clock", advance=advanced)
        client.v1.customers.update(made.id, {"name": "After"})

    def look() -> Answer | Page:
        return list_page(access, Kind.CUSTOMER, Window()) if listed else fetch(access, Kind.CUSTOMER, made.id)

    simulator.control("POST", "/faults", kind="latency", match="GET /v1/customers*", seconds=0.1, after=after)
    answer = meanwhile(look, simulator, change)
    source = answer.sources[0] if isinstance(answer, Page) else answer.source
    assert source
    known = source["name"] == "After"
    assert known is not after
    assert known or changed_at(simulator, access) >= answer.observed_at


def test_while_time_goes_on_no_answer_misses_what_happened_before_it(simulator: Simulator, access: Access):
    client = simulator.client(access.api_key)
    made = client.v1.customers.create({"metadata": {"step": "0"}})
    simulator.control("POST", "/clock", follow=int(now(simulator).timestamp()))
    over = threading.Event()
    answers: list[Answer] = []

    def watch() -> None:
        while not over.is_set():
            answers.append(fetch(access, Kind.CUSTOMER, made.id))

    watching = threading.Thread(target=watch)
    watching.start()
    steps = 0
    began = now(simulator)
    while (now(simulator) - began).total_seconds() < 2:
        steps += 1
        client.v1.customers.update(made.id, {"metadata": {"step": str(steps)}})
    over.set()
    watching.join()
    events = list(client.v1.events.list({"type": "customer.updated", "limit": 100}).auto_paging_iter())
    happened = {int(event.data.object["metadata"]["step"]): event.created for event in events}
    assert len(happened) == steps
    assert len({answer.observed_at for answer in answers}) > 1
    for answer in answers:
        assert answer.source
        known = int(answer.source["metadata"]["step"])
        missed = [at for step, at in happened.items() if step > known]
        assert not missed or min(missed) >= answer.observed_at.timestamp()
