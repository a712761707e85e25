"""Deliveries: to whom, how often, and broken in each of the ways that a switch offers."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
import stripe

from simulator.control.door import Door
from simulator.events import queue
from simulator.events.deliver import Deliverer
from simulator.events.post import Message, Outcome
from simulator.faults import Faults
from tests.simulator.worlds import ACCOUNT, World


class Post:
    """Stands where the network is: keeps messages, answers what it was told to."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.answers: list[int | None] = []

    def __call__(self, message: Message) -> Outcome:
        self.messages.append(message)
        status = self.answers.pop(0) if self.answers else 200
        return Outcome(status, "" if status == 200 else "failed")

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(message.body) for message in self.messages]

    @property
    def names(self) -> list[str]:
        """What the events are about: names of customers."""
        return [event["data"]["object"]["name"] for event in self.events]


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
def settle(world: World, faults: Faults, post: Post) -> Callable[..., None]:
    """Deliver what is due now; with seconds, let so much time pass."""
    deliverer = Deliverer(world.engine, faults, post)
    door = Door(world.engine, faults, deliverer)

    def run(seconds: int = 0) -> None:
        asyncio.run(door.walk(world.engine.clock.now() + seconds))

    return run


def listen(world: World, **params: Any) -> dict[str, Any]:
    given = {"url": "https://a.example/hook", "enabled_events": ["customer.created"]} | params
    return world.post("/v1/webhook_endpoints", **given).body


def customers(world: World, *names: str) -> None:
    for name in names:
        world.post("/v1/customers", name=name)


def test_several_endpoints_each_with_its_own_secret(world: World, settle: Callable[..., None], post: Post) -> None:
    secrets = [listen(world, url=f"https://{name}.example")["secret"] for name in "ab"]
    customers(world, "Al")
    settle()
    by_url = sorted(post.messages)
    for message, secret in zip(by_url, secrets, strict=True):
        assert stripe.Webhook.construct_event(message.body, message.signature, secret).type == "customer.created"


def test_retries_follow_the_schedule_and_end(world: World, settle: Callable[..., None], post: Post) -> None:
    listen(world)
    customers(world, "Al")
    post.answers = [None, 500, 301, *[500] * 20]
    settle()
    for count, pause in enumerate(queue.SCHEDULES["live"], start=1):
        settle(pause - 1)
        assert len(post.messages) == count
        settle(1)
    settle(30 * 24 * 3600)
    assert len(post.messages) == len(queue.SCHEDULES["live"]) + 1
    assert queue.listing(world.engine.store)[0]["state"] == "failed"
    assert world.engine.clock.now() - post.events[0]["created"] > 3 * 24 * 3600


def test_a_deleted_endpoint_hears_no_more(world: World, settle: Callable[..., None], post: Post) -> None:
    name = listen(world)["id"]
    customers(world, "Al")
    world.delete(f"/v1/webhook_endpoints/{name}")
    customers(world, "Bo")
    settle()
    assert post.messages == []


def test_time_goes_on_while_deliveries_are_paused(world: World, faults: Faults, post: Post) -> None:
    """What waits is due all the time, and things happen meanwhile; all of it comes when the pause is over."""
    listen(world, enabled_events=["customer.created", "payment_intent.canceled"])
    deliverer = Deliverer(world.engine, faults, post)
    deliverer.settings.paused = True
    customers(world, "Al")
    held = {"amount": 1000, "currency": "eur", "confirm": True, "payment_method": "pm_card_visa"}
    never = {"enabled": True, "allow_redirects": "never"}
    world.post("/v1/payment_intents", **held, capture_method="manual", automatic_payment_methods=never)
    before, fortnight = world.engine.clock.now(), 14 * 24 * 3600
    walk = Door(world.engine, faults, deliverer).walk
    asyncio.run(walk(before + fortnight))
    assert (world.engine.clock.now(), post.messages) == (before + fortnight, [])
    deliverer.settings.paused = False
    asyncio.run(walk(before + fortnight))
    assert sorted(event["type"] for event in post.events) == ["customer.created", "payment_intent.canceled"]


def test_an_event_is_sent_again_on_demand(world: World, settle: Callable[..., None], post: Post) -> None:
    listen(world)
    customers(world, "Al")
    settle()
    [event] = world.events()
    with world.engine.transaction():
        assert queue.resend(world.engine.store, ACCOUNT, event["id"], None, world.engine.clock.now()) == 1
    settle()
    assert [sent["id"] for sent in post.events] == [event["id"]] * 2


def test_connect_endpoints_hear_of_connected_accounts(world: World, settle: Callable[..., None], post: Post) -> None:
    with world.engine.transaction():
        world.engine.store.connect("acct_connected", ACCOUNT)
    listen(world, url="https://own.example")
    listen(world, url="https://connect.example", connect=True)
    customers(world, "Al")
    world.post("/v1/customers", name="Bo", headers={"stripe-account": "acct_connected"})
    settle()
    heard = {message.url: json.loads(message.body) for message in post.messages}
    assert len(post.messages) == 2
    assert "account" not in heard["https://own.example"]
    assert heard["https://connect.example"]["account"] == "acct_connected"
    assert heard["https://connect.example"]["data"]["object"]["name"] == "Bo"


@pytest.mark.parametrize(
    ("fault", "names"),
    [
        ({"kind": "lose"}, ["Bo", "Cy"]),
        ({"kind": "double"}, ["Al", "Al", "Bo", "Cy"]),
        ({"kind": "reorder"}, ["Bo", "Al", "Cy"]),
        ({"kind": "delay", "seconds": 60}, ["Bo", "Cy"]),
    ],
)
def test_deliveries_are_disturbed(
    world: World, settle: Callable[..., None], faults: Faults, post: Post, fault: dict[str, Any], names: list[str]
) -> None:
    listen(world)
    faults.set(**fault)
    for name in ("Al", "Bo", "Cy"):
        customers(world, name)
        if fault["kind"] != "reorder":
            settle()
    settle()
    if fault["kind"] == "reorder":
        assert post.names.index("Bo") < post.names.index("Al")
    else:
        assert post.names == names
    settle(60)
    assert set(post.names) == {"Al", "Bo", "Cy"} - ({"Al"} if fault["kind"] == "lose" else set())


def test_a_burst_waits_for_its_number(world: World, faults: Faults, post: Post) -> None:
    async def run() -> list[int]:
        deliverer = Deliverer(world.engine, faults, post)
        working = asyncio.create_task(deliverer.run())
        counts = []
        for name in ("Al", "Bo", "Cy"):
            customers(world, name)
            deliverer.wake()
            await asyncio.sleep(0.02)
            counts.append(len(post.messages))
        working.cancel()
        deliverer.close()
        return counts

    listen(world)
    faults.set(kind="burst", count=3)
    assert asyncio.run(run()) == [0, 0, 3]


def test_a_corrupted_body_does_not_fit_its_signature(
    world: World, settle: Callable[..., None], faults: Faults, post: Post
) -> None:
    secret = listen(world)["secret"]
    faults.set(kind="corrupt")
    customers(world, "Al")
    settle()
    [message] = post.messages
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(message.body, message.signature, secret)
