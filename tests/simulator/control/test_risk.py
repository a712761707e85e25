"""Banks and customers act by the control door, and the journal shows it."""

import json
from typing import Any

import pytest

from simulator import journal
from simulator.control import risk
from simulator.control.acts import Act
from simulator.protocol.errors import StripeError
from tests.simulator.control.acting import done
from tests.simulator.risk.charges import paid
from tests.simulator.worlds import World


def test_any_dispute_is_made_and_moved_on(world: World) -> None:
    charge = paid(world)["id"]
    dispute = done(world, risk.dispute, charge=charge, reason="duplicate", amount=700, network_reason_code="12.6.1")
    assert (dispute["reason"], dispute["amount"]) == ("duplicate", 700)
    assert dispute["payment_method_details"]["card"]["network_reason_code"] == "12.6.1"
    assert done(world, risk.move_dispute, dispute=dispute["id"], status="won")["status"] == "won"
    lines = [json.loads(line) for line in journal.lines(world.engine.store)]
    assert [line["method"] for line in lines] == ["CONTROL", "CONTROL"]
    effects = [(note["object"], note["act"], note.get("amount")) for note in lines[1]["effect"]]
    assert effects == [("balance_transaction", "created", 700), ("dispute", "changed", 700)]


def test_warnings_and_reviews_are_made(world: World) -> None:
    charge = paid(world)["id"]
    assert done(world, risk.warn, charge=charge, fraud_type="misc")["actionable"] is True
    review = done(world, risk.review, charge=charge)
    assert review["opened_reason"] == "manual"
    with pytest.raises(StripeError):
        done(world, risk.review, charge=charge)
    closed = done(world, risk.close_review, review=review["id"], closed_reason="redacted")
    assert closed["closed_reason"] == "redacted"


@pytest.mark.parametrize(
    ("act", "given"),
    [
        (risk.dispute, {"reason": "bad mood"}),
        (risk.dispute, {"case_type": "quarrel"}),
        (risk.dispute, {"amount": 0}),
        (risk.warn, {"fraud_type": "magic"}),
        (risk.review, {"opened_reason": "whim"}),
    ],
)
def test_what_stripe_could_not_show_is_refused(world: World, act: Act, given: dict[str, Any]) -> None:
    with pytest.raises(StripeError) as refused:
        done(world, act, charge=paid(world)["id"], **given)
    assert refused.value.param in given


def test_only_what_was_captured_is_disputed(world: World) -> None:
    with pytest.raises(StripeError):
        done(world, risk.dispute, charge=paid(world, captured=False)["id"])
