"""Whatever way a dispute takes, its money is right; found by trying ways at random."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine import Engine
from simulator.risk.moving import FEE
from simulator.risk.states import ANSWERED, ENDED, MOVES
from simulator.store import Doc
from tests.simulator.risk.charges import paid
from tests.simulator.risk.claims import DAY, disputed, moved, now, told
from tests.simulator.worlds import World

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("move"), st.integers(0, 4)),
        st.tuples(
            st.just("answer"),
            st.sampled_from(("winning_evidence", "losing_evidence", "escalate_inquiry_evidence", "x")),
        ),
        st.tuples(st.just("wait"), st.sampled_from((5, 3 * DAY, 30 * DAY, 130 * DAY))),
        st.tuples(st.just("close"), st.none()),
    ),
    max_size=8,
)


@settings(max_examples=40, deadline=None)
@given(
    steps=STEPS,
    inquiry=st.booleans(),
    amount=st.sampled_from((1, 4000, 10_000, 12_000)),
    refunded=st.sampled_from((0, 3000)),
)
def test_the_money_is_right_on_every_way(steps: list[Any], inquiry: bool, amount: int, refunded: int) -> None:
    engine = Engine(None)
    world = World(engine)
    case = "inquiry" if inquiry else "chargeback"
    charge = paid(world, amount_refunded=refunded)
    name = disputed(world, charge, case_type=case, amount=amount)
    # What the customer had back, and disputes again.
    twice = min(refunded, max(0, amount - (10_000 - refunded)))
    before = name
    for step, value in steps:
        _take(world, name, step, value)
        after = now(world, name)
        booked = after["balance_transactions"]
        assert sum(txn["amount"] for txn in booked) in _possible(after, twice)
        assert sum(txn["fee"] for txn in booked) == (FEE if booked else 0)
        assert _answers(after) - _answers(before) == (step == "answer" and before["status"] in ANSWERED)
        before = after
    # What the dispute shows is what was booked, and each booking was told once.
    dispute, events = now(world, name), told(world)
    lines = world.get("/v1/balance_transactions", source=dispute["id"], limit=100)["data"]
    assert lines == list(reversed(dispute["balance_transactions"]))
    assert sum(event.startswith("charge.dispute.funds") for event in events) == len(lines)
    assert (dispute["status"] in ENDED) <= ("charge.dispute.closed" in events)
    world.check()
    engine.close()


def _take(world: World, dispute: Doc, step: str, value: Any) -> None:
    path = f"/v1/disputes/{dispute['id']}"
    match step:
        case "move":
            possible = MOVES[now(world, dispute)["status"]]
            if possible:
                moved(world, dispute, possible[value % len(possible)])
        case "answer":
            evidence = {"uncategorized_text": value}
            asked = now(world, dispute)["status"] in ANSWERED
            assert world.post(path, evidence=evidence).status == (200 if asked else 400)
        case "wait":
            world.advance(value)
        case "close":
            world.post(path + "/close")


def _possible(dispute: Doc, twice: int) -> set[int]:
    """With the customer's bank is all of it or nothing, but for what the customer had back already."""
    match dispute["status"]:
        case "won":
            return {0}
        case "needs_response" | "under_review":
            return {-dispute["amount"]}
        case "lost" if dispute["balance_transactions"]:
            return {-dispute["amount"], -dispute["amount"] + twice}
        case _:
            return {0, -dispute["amount"], -dispute["amount"] + twice}


def _answers(dispute: Doc) -> int:
    return int(dispute["evidence_details"]["submission_count"])


def test_every_status_is_in_the_table_and_every_way_leads_on() -> None:
    assert len(MOVES) == 10
    assert {status for moves in MOVES.values() for status in moves} <= MOVES.keys()
    assert ANSWERED.keys() | set(ANSWERED.values()) | set(ENDED) == MOVES.keys()
    assert all(answer in MOVES[status] for status, answer in ANSWERED.items())
