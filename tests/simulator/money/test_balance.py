"""Whatever moves is a balance transaction, and balances are their sums."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine import Engine
from simulator.money.balance import CHARGES_WAIT, DAY, funds
from simulator.money.categories import CATEGORIES
from tests.simulator.money.ledger import booked
from tests.simulator.worlds import ACCOUNT, World

# Worlds begin at nine; what comes two days later comes at midnight, an hour before it is paid out.
UNTIL_AVAILABLE = CHARGES_WAIT - 9 * 3600


def test_a_charge_is_pending_for_two_days(world: World) -> None:
    doc = booked(world, fees=[("stripe_fee", 40, "Stripe processing fees")], available_after=CHARGES_WAIT)
    assert (doc["net"], doc["fee"], doc["status"], doc["reporting_category"]) == (960, 40, "pending", "charge")
    assert doc["available_on"] % DAY == 0
    assert world.get("/v1/balance")["pending"][0]["amount"] == 960
    world.advance(UNTIL_AVAILABLE)
    assert world.get(f"/v1/balance_transactions/{doc['id']}")["status"] == "available"
    answer = world.get("/v1/balance")
    assert (answer["available"][0]["amount"], answer["pending"][0]["amount"]) == (960, 0)
    [event] = world.events()
    assert event["type"] == "balance.available"
    assert event["data"]["object"] == answer.body


def test_what_becomes_available_together_is_told_once(world: World) -> None:
    for _ in range(3):
        booked(world, available_after=CHARGES_WAIT)
    world.advance(UNTIL_AVAILABLE)
    assert world.types() == ["balance.available"]
    assert world.get("/v1/balance")["available"][0]["amount"] == 3000


def test_what_leaves_is_not_told(world: World) -> None:
    booked(world, type="refund", amount=-500)
    assert world.types() == []
    assert world.get("/v1/balance")["available"][0]["amount"] == -500


def test_the_list_is_filtered(world: World) -> None:
    first = booked(world, source="ch_1")
    second = booked(world, source="ch_1", type="refund", amount=-100)
    world.advance(60)
    third = booked(world, source="ch_2", currency="jpy")
    for filters, wanted in (
        ({}, [third, second, first]),
        ({"source": "ch_1"}, [second, first]),
        ({"type": "charge"}, [third, first]),
        ({"currency": "jpy"}, [third]),
        ({"created": {"lt": third["created"]}, "type": "refund"}, [second]),
    ):
        assert world.get("/v1/balance_transactions", **filters)["data"] == wanted


def test_an_empty_balance_is_nothing_in_its_currency(world: World) -> None:
    assert world.get("/v1/balance")["available"] == [{"amount": 0, "currency": "eur", "source_types": {"card": 0}}]


def test_every_type_but_those_that_need_it_has_a_category(world: World) -> None:
    for name, category in CATEGORIES.items():
        if category:
            assert booked(world, type=name)["reporting_category"] == category
    with pytest.raises(LookupError):
        booked(world, type="adjustment")
    assert booked(world, type="adjustment", reporting_category="dispute")["reporting_category"] == "dispute"


MOVES = st.lists(
    st.tuples(
        st.sampled_from(("charge", "refund", "stripe_fee", "transfer")),
        st.integers(-9_999_999, 9_999_999),
        st.sampled_from(("eur", "jpy", "kwd")),
        st.integers(0, 999),
        st.sampled_from((0, 60, DAY, CHARGES_WAIT)),
        st.integers(0, 2 * DAY),
    ),
    max_size=12,
)


@settings(max_examples=25, deadline=None)
@given(MOVES)
def test_balances_are_sums(moves: list[tuple[str, int, str, int, int, int]]) -> None:
    world = World(Engine(None))
    for type_, amount, currency, fee, after, pause in moves:
        fees = [("stripe_fee", fee, "Fee")]
        booked(world, type=type_, amount=amount, currency=currency, fees=fees, available_after=after)
        world.advance(pause)
    docs = world.get("/v1/balance_transactions", limit=100)["data"]
    for currency in ("eur", "jpy", "kwd"):
        sums = [
            sum(doc["net"] for doc in docs if (doc["currency"], doc["status"]) == (currency, status))
            for status in ("available", "pending")
        ]
        assert list(funds(world.engine.call(ACCOUNT), currency)) == sums
    assert all(doc["net"] == doc["amount"] - doc["fee"] for doc in docs)
    now = world.engine.clock.now()
    assert all((doc["status"] == "available") == (doc["available_on"] <= now) for doc in docs)
