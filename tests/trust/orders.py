"""R5: a payment's events end in one state, the processor's own, in whatever order and however often they come."""

import itertools
import json
import queue
import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.simulator.processes import Simulator, running
from tests.trust.actor import Actor
from tests.trust.installation import Installation
from tests.trust.result import Result

KEY = "sk_test_orders"
PAYMENTS_OF_THE_WORLD = 120
LONGEST = 14
AT_ONCE = 60

Event = dict[str, Any]


def run(*, seed: int, full: bool, site: Installation) -> Result:
    """All orders of seven events within one second, then random ones of longer lives, with events that come twice."""
    result = Result("R5", seed, full)
    chance = random.Random(seed)
    with running(None, "--seed", str(seed)) as simulator:
        seven = seven_events(simulator)
        if len(seven) != 7:
            result.problems.append(f"the payment has {len(seven)} events: {[event['type'] for event in seven]}")
            return result
        orders = list(itertools.permutations(seven))
        play(site, simulator, result, orders if full else chance.sample(orders, 40), chance)
        lives = longer_lives(simulator)
        wanted = 10_000 if full else 25
        shuffled = (with_repeats(chance.choice(lives), chance) for _ in range(wanted))
        play(site, simulator, result, list(shuffled), chance)
        result.facts = {"lives": len(lives), "longest": max(len(life) for life in lives)}
    return result


def seven_events(simulator: Simulator) -> list[Event]:
    """Paid, refunded in part and disputed within the same second."""
    client = simulator.client(KEY)
    paid = client.v1.payment_intents.create(
        {
            "amount": 2000,
            "currency": "eur",
            "payment_method": "pm_card_visa",
            "confirm": True,
            "capture_method": "automatic",
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
        }
    )
    client.v1.refunds.create({"payment_intent": paid.id, "amount": 500})
    account = simulator.control("GET", f"/account?key={KEY}")["account"]
    simulator.control("POST", "/disputes", account=account, charge=str(paid.latest_charge), amount=1500)
    return [event for event in all_events(simulator) if names(event) & {paid.id, str(paid.latest_charge)}]


def longer_lives(simulator: Simulator) -> list[list[Event]]:
    """Of a world's payments those with most to tell."""
    simulator.control(
        *("POST", "/worlds"), key=KEY, profile="outdoor", seed=3, payments=PAYMENTS_OF_THE_WORLD, days=60, wait=True,
        **{"from": simulator.control("GET", "/clock")["now"] + 86_400},
    )  # fmt: skip
    lives: dict[str, list[Event]] = {}
    homes: dict[str, str] = {}
    for event in reversed(all_events(simulator)):
        mentioned = names(event)
        payment = next((homes[name] for name in mentioned if name in homes), "")
        payment = payment or next((name for name in sorted(mentioned, reverse=True) if name.startswith("pi_")), "")
        if payment:
            homes.update(dict.fromkeys(mentioned, payment))
            lives.setdefault(payment, []).append(event)
    # The list of events goes back thirty days: lives that began before are not all told.
    whole = [life for life in lives.values() if life[0]["type"] == "payment_intent.created" and len(life) <= LONGEST]
    return [life for life in sorted(whole, key=len, reverse=True) if len({event["type"] for event in life}) > 4][:60]


def names(event: Event) -> set[str]:
    """The ids by which an event belongs to a payment."""
    target = event["data"]["object"]
    found = {target.get("id"), target.get("charge"), target.get("payment_intent"), target.get("latest_charge")}
    return {name for name in found if isinstance(name, str) and name.startswith(("pi_", "ch_", "py_", "re_", "du_"))}


def all_events(simulator: Simulator) -> list[Event]:
    listed = simulator.client(KEY).raw_request("get", "/v1/events", limit=100)
    page = json.loads(str(listed.body))
    events = list(page["data"])
    while page["has_more"]:
        listed = simulator.client(KEY).raw_request("get", "/v1/events", limit=100, starting_after=events[-1]["id"])
        page = json.loads(str(listed.body))
        events += page["data"]
    return events


def with_repeats(life: list[Event], chance: random.Random) -> tuple[Event, ...]:
    shuffled = [*life, *chance.sample(life, max(1, len(life) // 4))]
    chance.shuffle(shuffled)
    return tuple(shuffled)


def play(
    site: Installation, simulator: Simulator, result: Result, orders: list[tuple[Event, ...]], chance: random.Random
) -> None:
    """Deliver each order to a connection of its own, in random pieces, and hold what is here against the simulator."""
    truths: dict[str, dict[str, Any]] = {}
    ends: dict[str, str] = {}
    some = [orders[start : start + AT_ONCE] for start in range(0, len(orders), AT_ONCE)]
    pieces = [[chance.choice((1, 1, 2, 5, 100)) for _ in each] for each in some]
    idle = queue.SimpleQueue[Actor]()

    def tell(each: list[tuple[Event, ...]], pieces: list[int]) -> list[dict[str, Any]]:
        told = [[json.dumps(event) for event in order] for order in each]
        actor = idle.get()
        try:
            answers: list[dict[str, Any]] = actor.ask(
                "play_orders", base=simulator.url, key=KEY, orders=told, pieces=pieces
            )
        finally:
            idle.put(actor)
        return answers

    with site.two_actors() as actors, ThreadPoolExecutor(len(actors)) as pool:
        for actor in actors:
            idle.put(actor)
        for each, answers in zip(some, pool.map(tell, some, pieces), strict=True):
            judge(simulator, result, each, answers, truths, ends)


def judge(
    simulator: Simulator,
    result: Result,
    orders: list[tuple[Event, ...]],
    answers: list[dict[str, Any]],
    truths: dict[str, dict[str, Any]],
    ends: dict[str, str],
) -> None:
    """`truths` and `ends` are of each life, by its earliest event, and grow."""
    for order, answer in zip(orders, answers, strict=True):
        result.n += 1
        life = min(event["id"] for event in order)
        told_as = [event["type"] for event in order]
        if life not in truths:
            truths[life] = truth(simulator, order)
        if answer["waiting"]:
            result.problems.append(f"{answer['waiting']} after {told_as}")
        ends.setdefault(life, answer["state"])
        if answer["state"] != ends[life]:
            result.problems.append(f"another end after {told_as}:\n{answer['state']}\ninstead of\n{ends[life]}")
        if answer["money"] != truths[life]:
            result.problems.append(f"{answer['money']} instead of {truths[life]} after {told_as}")


def truth(simulator: Simulator, order: tuple[Event, ...]) -> dict[str, Any]:
    """What the processor has of this payment, by its own ids."""
    ids = set[str]().union(*(names(event) for event in order))
    seen: dict[str, Any] = {}
    for name in sorted(ids):
        path = {"pi": "payment_intents", "ch": "charges", "py": "charges", "re": "refunds", "du": "disputes"}[name[:2]]
        source = json.loads(str(simulator.client(KEY).raw_request("get", f"/v1/{path}/{name}").body))
        seen[name] = [source["status"], source["amount"]]
        if path == "charges":
            released = source["amount"] - source["amount_captured"] if source["captured"] else 0
            seen[name] += [source["amount_captured"], source["amount_refunded"] - released]
        if path == "disputes":
            seen[name].append(-sum(booked["amount"] for booked in source["balance_transactions"]))
    return seen
