"""Worlds: what their merchants go through is possible, and the same each time."""

from collections import Counter
from collections.abc import Iterator

import pytest

from simulator import journal
from simulator.engine import Engine
from simulator.worlds import attacks, memories
from simulator.worlds.history import History, begin
from simulator.worlds.merchants import PROFILES
from simulator.worlds.world import World
from tests.simulator.histories.lives import DAY, docs, kinds, lived, troubled
from tests.simulator.worlds import unlike_stripe


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """One troubled merchant for the tests that only look."""
    world = lived(troubled(), 150)
    yield world
    world.engine.close()


def test_everything_is_what_stripe_says(world: World) -> None:
    assert unlike_stripe(world.engine.store.db) == []


@pytest.mark.parametrize("name", PROFILES)
def test_every_merchant_is_what_stripe_says(name: str) -> None:
    world = lived(troubled(name), 12, rest=5)
    assert unlike_stripe(world.engine.store.db) == []
    assert {intent["currency"] for intent in docs(world, "payment_intent")} <= PROFILES[name].currencies.keys()


def test_all_kinds_of_trouble_come(world: World) -> None:
    found = kinds(world)
    wanted = ("charge", "refund", "dispute", "radar.early_fraud_warning", "review", "payout", "file", "invoice")
    assert [kind for kind in wanted if not found[kind]] == []
    assert {"succeeded", "failed"} <= {refund["status"] for refund in docs(world, "refund")}
    assert {"won", "lost"} <= {dispute["status"] for dispute in docs(world, "dispute")}
    assert {"paid", "failed"} <= {payout["status"] for payout in docs(world, "payout")}


def test_balances_are_the_sum_of_their_transactions(world: World) -> None:
    sums: Counter[str] = Counter()
    for entry in docs(world, "balance_transaction"):
        sums[entry["currency"]] += entry["net"]
    funds = world.engine.store.funds(world.account)
    assert {currency: sum(pair) for currency, pair in funds.items()} == dict(sums)


def test_reconciled_payouts_are_the_sum_of_their_lines(world: World) -> None:
    call = world.engine.call(world.account)
    done = [payout for payout in docs(world, "payout") if payout["reconciliation_status"] == "completed"]
    assert done
    for payout in done:
        lines = call.all("balance_transaction", payout=payout["id"])
        assert sum(line["net"] for line in lines if line["source"] != payout["id"]) == payout["amount"]


def test_declines_have_reasons_and_are_tried_again(world: World) -> None:
    charges = docs(world, "charge")
    failed = [charge for charge in charges if charge["status"] == "failed" and charge["outcome"]["reason"]]
    assert len({charge["outcome"]["reason"] for charge in failed}) >= 4
    paid = {charge["payment_intent"] for charge in charges if charge["status"] == "succeeded"}
    assert paid & {charge["payment_intent"] for charge in failed}


def test_customers_come_back_with_cards_of_their_own(world: World) -> None:
    charges = [charge for charge in docs(world, "charge") if charge["customer"]]
    buyers = Counter(charge["customer"] for charge in charges)
    cards = {charge["payment_method_details"].get("card", {}).get("fingerprint") for charge in charges}
    assert buyers.most_common(1)[0][1] >= 3
    assert len(cards) > 20


def test_orders_have_references_of_their_own(world: World) -> None:
    references = [intent["metadata"].get("order_id") for intent in docs(world, "payment_intent")]
    known = [reference for reference in references if reference]
    assert len(known) == len(set(known)) > 100


def test_history_is_told_to_nobody_unless_asked() -> None:
    assert _deliveries(quiet=True) == 0
    assert _deliveries(quiet=False) > 30


def test_the_same_seed_makes_the_same_history() -> None:
    assert _written("7") == _written("7")
    assert _written("7") != _written("8")


def test_a_history_in_pieces_is_the_same() -> None:
    assert _written("7", pieces=5) == _written("7")


def test_worlds_at_the_same_time_happen_in_one_order() -> None:
    engine = Engine(None)
    start = engine.clock.now()
    worlds = [World(engine, troubled(name), f"acct_{name}", "1") for name in ("coffee", "bookshop")]
    for world in worlds:
        begin(world, start, start + 5 * DAY, payments=10)
    assert History(engine, worlds).run(start + 5 * DAY)
    created = [
        row[0] for row in engine.store.db.execute("select created from object where kind = 'event' order by seq")
    ]
    assert created == sorted(created)
    assert all(docs(world, "charge") for world in worlds)


def test_card_testing_is_many_cards_and_many_declines(world: World) -> None:
    before = len(docs(world, "charge"))
    start = world.now
    attacks.try_cards(world, 60)
    History(world.engine, [world]).run(start + 3600)
    tested = docs(world, "charge")[before:]
    assert len({charge["payment_method_details"]["card"]["fingerprint"] for charge in tested}) == len(tested) >= 60
    assert sum(charge["status"] == "failed" for charge in tested) > 45
    assert tested[-1]["created"] - tested[0]["created"] < 3600


def test_a_takeover_uses_the_card_that_the_victim_kept(world: World) -> None:
    before, start = len(docs(world, "charge")), world.now
    attacks.takeover(world)
    History(world.engine, [world]).run(start + 4 * 3600)
    stolen = [charge for charge in docs(world, "charge")[before:] if charge["status"] == "succeeded"]
    assert stolen
    assert {charge["customer"] for charge in stolen} <= {customer["id"] for customer in docs(world, "customer")}


def test_a_wave_finds_payments_that_others_made() -> None:
    engine = Engine(None)
    account = lived(troubled(disputed=0, warned=0, refunded=0), 30, rest=3, engine=engine).account
    world = World(engine, PROFILES["outdoor"], account, "2")
    memories.recall(world)
    attacks.wave(world, 5)
    History(engine, [world]).run(world.now + 7 * DAY)
    assert len(docs(world, "dispute")) == 5


def _deliveries(*, quiet: bool) -> int:
    engine = Engine(None)
    world = World(engine, troubled(), "acct_heard", "1")
    with engine.transaction():
        engine.do("acct_heard", "POST", "/v1/webhook_endpoints", url="http://127.0.0.1:9/", enabled_events=["*"])
    start = engine.clock.now()
    begin(world, start, start + DAY, payments=8)
    History(engine, [world], quiet=quiet).run(start + DAY)
    return int(engine.store.db.execute("select count(*) from delivery").fetchone()[0])


def _written(seed: str, *, pieces: int = 1) -> tuple[list[str], list[str]]:
    """Journal and events."""
    engine = Engine(None)
    world = World(engine, troubled(), "acct_same", seed)
    start = engine.clock.now()
    begin(world, start, start + 10 * DAY, payments=25)
    past = History(engine, [world])
    for piece in range(1, pieces + 1):
        past.run(start + 10 * DAY * piece // pieces)
    events = engine.store.db.execute("select body from object where kind = 'event' order by seq")
    return list(journal.lines(engine.store)), [row[0] for row in events]
