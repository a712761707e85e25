"""Disputes as the control door makes and moves them."""

from typing import Any

from simulator.effects import happen
from simulator.risk.moving import move
from simulator.risk.opening import Claim, open_dispute
from simulator.store import Doc
from tests.simulator.risk.charges import paid
from tests.simulator.worlds import ACCOUNT, World

DAY = 24 * 3600


def disputed(world: World, charge: Doc | None = None, **claim: Any) -> Doc:
    charge = charge or paid(world)
    with world.engine.transaction():
        call = world.engine.call(ACCOUNT)
        return open_dispute(call, call.get("charge", charge["id"]), Claim(**claim))


def moved(world: World, dispute: Doc, status: str) -> Doc:
    with world.engine.transaction():
        call = world.engine.call(ACCOUNT)
        return move(call, call.get("dispute", dispute["id"]), status)


def caused(world: World, name: str, charge: Doc | None = None, **details: Any) -> Doc:
    """Let the effect happen to a charge; the charge as it is then."""
    charge = charge or paid(world)
    with world.engine.transaction():
        call = world.engine.call(ACCOUNT)
        happen(call, name, charge, **details)
        return call.get("charge", charge["id"])


def now(world: World, dispute: Doc) -> Doc:
    return world.get(f"/v1/disputes/{dispute['id']}").body


def answered(world: World, dispute: Doc, text: str = "See the receipt.") -> Doc:
    return world.post(f"/v1/disputes/{dispute['id']}", evidence={"uncategorized_text": text}).body


def bookings(dispute: Doc) -> list[tuple[int, int]]:
    """Amount and fee of each."""
    return [(txn["amount"], txn["fee"]) for txn in dispute["balance_transactions"]]


def net(world: World) -> int:
    """Everything that was ever booked on the account, but what was paid out."""
    booked = world.get("/v1/balance_transactions", limit=100)["data"]
    return sum(txn["net"] for txn in booked if txn["type"] != "payout")


def told(world: World) -> list[str]:
    """Every event about disputes, oldest first, also those that the list no longer shows."""
    every = world.engine.store.select(ACCOUNT, "event", {})
    return [event["type"] for event in reversed(every) if event["type"].startswith("charge.dispute")]
