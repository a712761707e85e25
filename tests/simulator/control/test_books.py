"""Payouts fail and accounts come and go by the control door."""

import pytest

from simulator.control import books
from simulator.money.balance import DAY
from simulator.protocol.errors import StripeError
from tests.simulator.control.acting import done
from tests.simulator.money.ledger import available, booked
from tests.simulator.worlds import World


def test_the_next_payout_fails(world: World) -> None:
    done(world, books.doom_next_payout, failure="no_account")
    booked(world)
    for _ in range(2):
        world.post("/v1/payouts", amount=500, currency="eur")
    world.advance(DAY)
    told = [(doc["automatic"], doc["status"], doc["failure_code"]) for doc in world.get("/v1/payouts")["data"]]
    assert told[1:] == [(False, "paid", None), (False, "failed", "no_account")]


def test_a_payout_fails_now_and_once(world: World) -> None:
    booked(world)
    payout = world.post("/v1/payouts", amount=1000, currency="eur")["id"]
    failed = done(world, books.fail_payout, payout=payout, failure="account_closed")
    assert (failed["status"], available(world)) == ("failed", 1000)
    with pytest.raises(StripeError):
        done(world, books.fail_payout, payout=payout)


def test_a_failure_has_a_known_reason(world: World) -> None:
    with pytest.raises(StripeError):
        done(world, books.doom_next_payout, failure="bad mood")


def test_a_merchant_tells_everything_and_leaves(world: World) -> None:
    account = world.post("/v1/accounts", country="US")["id"]
    assert done(world, books.onboard, account)["payouts_enabled"] is True
    updates = world.get("/v1/events", headers={"stripe-account": account}, type="account.updated")["data"]
    assert len(updates) == 2
    assert done(world, books.deauthorize, account)["deleted"] is True
    assert world.get("/v1/account", headers={"stripe-account": account}).status == 403
    with pytest.raises(StripeError):
        done(world, books.deauthorize)


@pytest.mark.parametrize(
    ("act", "amount", "moved", "category"),
    [
        (books.take_fee, 70, -70, "fee"),
        (books.take_fee, -70, 70, "fee"),
        (books.adjust, 45, 45, "other_adjustment"),
        (books.hold, 300, -300, "payment_network_reserve_hold"),
        (books.hold, -300, 300, "payment_network_reserve_release"),
    ],
)
def test_the_processor_itself_moves_the_balance(world: World, act, amount, moved, category) -> None:
    movement = done(world, act, amount=amount, currency="eur")
    assert (movement["amount"], movement["fee"], movement["reporting_category"]) == (moved, 0, category)
    assert available(world) == moved
