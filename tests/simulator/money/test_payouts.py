"""Money leaves for the bank, arrives, and sometimes comes back."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine import Engine
from simulator.money.balance import CHARGES_WAIT, DAY
from simulator.money.payouts import HOUR, doom
from tests.simulator.money.ledger import available, booked
from tests.simulator.worlds import ACCOUNT, World


def status(world: World, payout: str) -> str:
    return world.get(f"/v1/payouts/{payout}")["status"]


def test_an_automatic_payout_is_the_sum_of_its_lines(world: World) -> None:
    for amount in (5000, 7000):
        booked(world, amount=amount, fees=[("stripe_fee", 100, "Fee")], available_after=CHARGES_WAIT)
    booked(world, type="refund", amount=-1500, available_after=CHARGES_WAIT)
    booked(world, amount=900, currency="jpy")
    world.advance(CHARGES_WAIT)
    euro, yen = world.get("/v1/payouts")["data"]
    assert (euro["amount"], euro["automatic"], euro["status"]) == (10_300, True, "in_transit")
    assert (yen["amount"], yen["currency"], yen["status"]) == (900, "jpy", "paid")
    assert available(world) == 0


def test_lines_can_be_asked_for_when_they_are_reconciled(world: World) -> None:
    charge = booked(world, amount=5000)
    world.advance(16 * HOUR)
    [payout] = world.get("/v1/payouts")["data"]
    assert payout["reconciliation_status"] == "in_progress"
    assert world.get("/v1/balance_transactions", payout=payout["id"])["data"] == []
    world.advance(HOUR)
    assert world.events()[-1]["type"] == "payout.reconciliation_completed"
    own, line = world.get("/v1/balance_transactions", payout=payout["id"], expand=["data.source"])["data"]
    assert (own["id"], own["type"], own["net"]) == (payout["balance_transaction"], "payout", -5000)
    assert own["source"] == world.get(f"/v1/payouts/{payout['id']}").body
    assert line == charge


def test_a_payout_travels(world: World) -> None:
    booked(world, amount=5000)
    payout = world.post("/v1/payouts", amount=3000, currency="EUR", metadata={"run": "7"})["id"]
    assert (status(world, payout), available(world)) == ("pending", 2000)
    world.advance(4 * HOUR)
    assert status(world, payout) == "in_transit"
    world.advance(24 * HOUR)
    assert status(world, payout) == "paid"
    world.advance(24 * HOUR)
    assert world.get(f"/v1/payouts/{payout}")["trace_id"]["status"] == "supported"
    told = [event["type"] for event in world.events() if event["data"]["object"].get("id") == payout]
    assert told == ["payout.created", "payout.updated", "payout.paid", "payout.updated"]
    assert world.get("/v1/payouts", status="paid", arrival_date={"gt": 0, "lte": 1})["data"] == []


def test_an_instant_payout_costs_something_and_arrives_soon(world: World) -> None:
    booked(world, amount=50_000)
    payout = world.post("/v1/payouts", amount=10_000, currency="eur", method="instant", expand=["balance_transaction"])
    assert (payout["balance_transaction"]["fee"], payout["balance_transaction"]["net"]) == (100, -10_100)
    world.advance(HOUR)
    assert status(world, payout["id"]) == "paid"


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"amount": 1001, "currency": "eur"}, "balance_insufficient"),
        ({"amount": 0, "currency": "eur"}, "parameter_invalid_integer"),
        ({"amount": 1005, "currency": "kwd"}, "parameter_invalid_integer"),
        ({"amount": 150, "currency": "huf"}, "parameter_invalid_integer"),
        ({"amount": 150, "currency": "isk"}, "parameter_invalid_integer"),
        ({"amount": 10, "currency": "eur", "destination": "ba_none"}, "resource_missing"),
    ],
)
def test_a_payout_that_cannot_be_is_refused(world: World, params: dict[str, object], code: str) -> None:
    booked(world)
    answer = world.post("/v1/payouts", **params)
    assert (answer.status, answer.error["code"]) == (400, code)
    assert available(world) == 1000


def test_manual_payouts_have_no_lines(world: World) -> None:
    booked(world)
    payout = world.post("/v1/payouts", amount=1000, currency="eur")
    assert payout["reconciliation_status"] == "not_applicable"
    assert world.get("/v1/balance_transactions", payout=payout["id"]).error["param"] == "payout"


def test_a_pending_payout_can_be_canceled(world: World) -> None:
    booked(world)
    payout = world.post("/v1/payouts", amount=1000, currency="eur")["id"]
    canceled = world.post(f"/v1/payouts/{payout}/cancel", expand=["failure_balance_transaction"])
    assert canceled["failure_balance_transaction"]["type"] == "payout_cancel"
    assert (canceled["status"], available(world)) == ("canceled", 1000)
    world.advance(8 * HOUR)
    assert status(world, payout) == "canceled"
    assert world.post(f"/v1/payouts/{payout}/cancel").status == 400


@pytest.mark.parametrize("after_paid", [False, True])
def test_a_payout_that_fails_brings_the_money_back(world: World, after_paid: bool) -> None:
    booked(world)
    with world.engine.transaction():
        doom(world.engine.call(ACCOUNT), "account_closed", after_paid=after_paid)
    payout = world.post("/v1/payouts", amount=1000, currency="eur")["id"]
    world.advance(2 * DAY + HOUR)
    assert status(world, payout) == ("paid" if after_paid else "failed")
    world.advance(DAY)
    failed = world.get(f"/v1/payouts/{payout}", expand=["failure_balance_transaction"])
    assert (failed["status"], failed["failure_code"]) == ("failed", "account_closed")
    assert failed["failure_balance_transaction"]["reporting_category"] == "payout_reversal"
    types = [event["type"] for event in world.events() if event["data"]["object"].get("id") == payout]
    assert ("payout.paid" in types, "payout.failed" in types) == (after_paid, True)
    # It is paid out again, by the next automatic payout.
    world.advance(2 * DAY)
    assert world.get("/v1/payouts")["data"][0]["amount"] == 1000


def test_a_paid_payout_can_be_reversed(world: World) -> None:
    booked(world)
    payout = world.post("/v1/payouts", amount=1000, currency="eur")["id"]
    assert world.post(f"/v1/payouts/{payout}/reverse").status == 400
    world.advance(DAY)
    back = world.post(f"/v1/payouts/{payout}/reverse")
    assert (back["amount"], back["original_payout"], available(world)) == (-1000, payout, 1000)
    assert world.get(f"/v1/payouts/{payout}")["reversed_by"] == back["id"]


def test_what_a_bank_cannot_pay_waits_for_the_next_payout(world: World) -> None:
    booked(world, amount=12_345, currency="huf")
    world.advance(DAY)
    [payout] = world.get("/v1/payouts")["data"]
    lines = world.get("/v1/balance_transactions", payout=payout["id"])["data"]
    assert [(line["type"], line["net"]) for line in lines] == [
        ("payout", -12_300),
        ("payout_minimum_balance_hold", -45),
        ("charge", 12_345),
    ]
    assert available(world, "huf") == 45


WEEK = st.lists(
    st.tuples(
        st.sampled_from(("charge", "refund", "manual", "doom", "doom later")),
        st.integers(100, 99_999),
        st.sampled_from(("eur", "huf")),
        st.sampled_from((0, CHARGES_WAIT)),
        st.integers(0, DAY),
    ),
    max_size=10,
)


@settings(max_examples=15, deadline=None)
@given(WEEK)
def test_the_lines_of_every_automatic_payout_sum_to_it(week: list[tuple[str, int, str, int, int]]) -> None:
    world = World(Engine(None))
    for act, amount, currency, after, pause in week:
        match act:
            case "charge":
                booked(world, amount=amount, currency=currency, available_after=after)
            case "refund":
                booked(world, type="refund", amount=-amount, currency=currency)
            case "manual":
                world.post("/v1/payouts", amount=amount // 10, currency=currency)
            case _:
                with world.engine.transaction():
                    doom(world.engine.call(ACCOUNT), "no_account", after_paid=act == "doom later")
        world.advance(pause)
    world.advance(10 * DAY)
    lines = world.get("/v1/balance_transactions", limit=100)["data"]
    for line in world.get("/v1/balance")["available"]:
        assert line["amount"] == sum(doc["net"] for doc in lines if doc["currency"] == line["currency"])
    for payout in world.get("/v1/payouts", limit=100)["data"]:
        if payout["automatic"]:
            nets = [doc["net"] for doc in world.get("/v1/balance_transactions", payout=payout["id"], limit=100)["data"]]
            assert sum(nets) == 0
            assert -payout["amount"] in nets
