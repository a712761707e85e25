"""A dispute's way from the customer's bank to its end, with its money, deadlines and events."""

import pytest

from simulator.risk.moving import GRACE, INQUIRY, SECOND_THOUGHTS, SOON, ImpossibleMove
from tests.simulator.risk.charges import change, paid
from tests.simulator.risk.claims import DAY, answered, bookings, disputed, moved, net, now, told
from tests.simulator.worlds import World

CREATED, UPDATED, CLOSED = (f"charge.dispute.{name}" for name in ("created", "updated", "closed"))
WITHDRAWN, REINSTATED = "charge.dispute.funds_withdrawn", "charge.dispute.funds_reinstated"


def test_a_chargeback_takes_the_money_and_a_fee_at_once(world: World) -> None:
    charge = paid(world)
    dispute = disputed(world, charge)
    assert (dispute["status"], dispute["is_charge_refundable"]) == ("needs_response", False)
    [txn] = dispute["balance_transactions"]
    assert (txn["amount"], txn["fee"], txn["net"]) == (-10_000, 1500, -11_500)
    assert (txn["type"], txn["reporting_category"], txn["source"]) == ("adjustment", "dispute", dispute["id"])
    assert txn["fee_details"][0] | {"application": None} == {
        "amount": 1500,
        "application": None,
        "currency": "eur",
        "description": "Dispute fee",
        "type": "stripe_fee",
    }
    assert world.get(f"/v1/balance_transactions/{txn['id']}").body == txn
    assert told(world) == [CREATED, WITHDRAWN]
    assert world.events()[-1]["data"]["object"] == dispute
    assert world.get("/v1/disputes", charge=charge["id"])["data"] == [dispute]


def test_winning_evidence_brings_the_money_back_but_not_the_fee(world: World) -> None:
    dispute = disputed(world)
    shown = answered(world, dispute, "winning_evidence")
    assert (shown["status"], shown["evidence_details"]["submission_count"]) == ("under_review", 1)
    world.advance(SOON)
    won = now(world, dispute)
    assert (won["status"], won["is_charge_refundable"]) == ("won", True)
    assert bookings(won) == [(-10_000, 1500), (10_000, 0)]
    assert net(world) == 10_000 - 1500
    assert told(world) == [CREATED, WITHDRAWN, UPDATED, CLOSED, REINSTATED]


def test_losing_evidence_moves_no_more_money(world: World) -> None:
    dispute = disputed(world)
    answered(world, dispute, "losing_evidence")
    world.advance(SOON)
    lost = now(world, dispute)
    assert (lost["status"], bookings(lost)) == ("lost", [(-10_000, 1500)])
    assert told(world) == [CREATED, WITHDRAWN, UPDATED, CLOSED]


def test_ordinary_evidence_is_decided_after_months(world: World) -> None:
    dispute = disputed(world)
    answered(world, dispute)
    world.advance(60 * DAY - 1)
    assert now(world, dispute)["status"] == "under_review"
    world.advance(16 * DAY)
    assert now(world, dispute)["status"] in ("won", "lost")


def test_who_does_not_answer_in_time_loses(world: World) -> None:
    dispute = disputed(world)
    due_by = dispute["evidence_details"]["due_by"]
    assert 7 * DAY <= due_by - dispute["created"] <= 21 * DAY
    assert due_by % DAY == DAY - 1
    world.advance(due_by - dispute["created"] + GRACE - 1)
    assert now(world, dispute)["status"] == "needs_response"
    world.advance(1)
    lost = now(world, dispute)
    assert (lost["status"], lost["evidence_details"]["past_due"]) == ("lost", False)
    assert lost["evidence_details"]["submission_method"] == "not_submitted"


def test_what_comes_too_late_is_past_due_and_lost(world: World) -> None:
    dispute = disputed(world, days_to_respond=7)
    world.advance(dispute["evidence_details"]["due_by"] - dispute["created"] + 1)
    late = answered(world, dispute, "winning_evidence")
    assert (late["status"], late["evidence_details"]["past_due"]) == ("under_review", True)
    world.advance(SOON)
    assert now(world, dispute)["status"] == "lost"


def test_who_answers_has_no_deadline_any_more(world: World) -> None:
    dispute = disputed(world, days_to_respond=7, outcomes=["won"])
    answered(world, dispute)
    world.advance(40 * DAY)
    assert now(world, dispute)["status"] == "under_review"


def test_to_close_is_to_accept_for_ever(world: World) -> None:
    dispute = disputed(world)
    closed = world.post(f"/v1/disputes/{dispute['id']}/close")
    assert (closed["status"], bookings(closed.body)) == ("lost", [(-10_000, 1500)])
    assert told(world) == [CREATED, WITHDRAWN, CLOSED]
    assert world.post(f"/v1/disputes/{dispute['id']}/close").status == 400
    world.advance(200 * DAY)
    assert now(world, dispute) == closed.body


def test_an_inquiry_takes_no_money_and_lapses(world: World) -> None:
    dispute = disputed(world, case_type="inquiry")
    assert (dispute["status"], dispute["balance_transactions"]) == ("warning_needs_response", [])
    assert dispute["is_charge_refundable"] is True
    world.advance(INQUIRY - 1)
    assert now(world, dispute)["status"] == "warning_needs_response"
    world.advance(1)
    assert now(world, dispute)["status"] == "warning_closed"
    assert told(world) == [CREATED, CLOSED]
    assert net(world) == 10_000


@pytest.mark.parametrize("text", ["winning_evidence", "losing_evidence"])
def test_an_answered_inquiry_ends_without_a_winner(world: World, text: str) -> None:
    dispute = disputed(world, case_type="inquiry")
    assert answered(world, dispute, text)["status"] == "warning_under_review"
    world.advance(SOON)
    assert now(world, dispute)["status"] == "warning_closed"
    assert told(world) == [CREATED, UPDATED, CLOSED]


def test_an_escalated_inquiry_is_a_chargeback_that_wants_a_new_answer(world: World) -> None:
    dispute = disputed(world, case_type="inquiry")
    answered(world, dispute, "escalate_inquiry_evidence")
    world.advance(SOON)
    escalated = now(world, dispute)
    assert (escalated["status"], escalated["is_charge_refundable"]) == ("needs_response", False)
    assert bookings(escalated) == [(-10_000, 1500)]
    assert escalated["evidence_details"]["due_by"] > dispute["created"]
    assert told(world) == [CREATED, UPDATED, UPDATED, WITHDRAWN]
    answered(world, dispute, "winning_evidence")
    world.advance(SOON)
    assert now(world, dispute)["status"] == "won"
    assert now(world, dispute)["evidence_details"]["submission_count"] == 2
    world.advance(INQUIRY)
    assert now(world, dispute)["status"] == "won"


def test_an_inquiry_that_nobody_answers_can_be_escalated(world: World) -> None:
    dispute = disputed(world, case_type="inquiry", outcomes=["needs_response", "lost"])
    world.advance(dispute["evidence_details"]["due_by"] - dispute["created"])
    assert now(world, dispute)["status"] == "needs_response"


def test_an_escalated_inquiry_about_a_refunded_payment_takes_nothing(world: World) -> None:
    charge = paid(world)
    dispute = disputed(world, charge, case_type="inquiry")
    change(world, charge, disputed=True, refunded=True, amount_refunded=10_000)
    assert moved(world, dispute, "needs_response")["balance_transactions"] == []
    assert moved(world, dispute, "lost")["balance_transactions"] == []


def test_an_accepted_inquiry_is_lost_without_money(world: World) -> None:
    dispute = disputed(world, case_type="inquiry")
    closed = world.post(f"/v1/disputes/{dispute['id']}/close")
    assert (closed["status"], closed["balance_transactions"]) == ("lost", [])


def test_the_issuer_can_give_in_late(world: World) -> None:
    dispute = disputed(world, outcomes=["lost", "won"])
    answered(world, dispute)
    world.advance(76 * DAY)
    assert now(world, dispute)["status"] == "lost"
    world.advance(SECOND_THOUGHTS)
    won = now(world, dispute)
    assert (won["status"], bookings(won)) == ("won", [(-10_000, 1500), (10_000, 0)])
    assert told(world)[-3:] == [CLOSED, CLOSED, REINSTATED]


def test_the_refunded_part_comes_back_though_the_dispute_is_lost(world: World) -> None:
    charge = paid(world, amount_refunded=3000)
    dispute = disputed(world, charge)
    answered(world, dispute, "losing_evidence")
    world.advance(SOON)
    lost = now(world, dispute)
    assert (lost["status"], bookings(lost)) == ("lost", [(-10_000, 1500), (3000, 0)])
    assert told(world)[-2:] == [CLOSED, REINSTATED]


def test_an_appeal_is_answered_once_more(world: World) -> None:
    dispute = disputed(world)
    answered(world, dispute, "losing_evidence")
    world.advance(SOON)
    assert moved(world, dispute, "appeal_needs_response")["status"] == "appeal_needs_response"
    reason = {"appeal": {"card": {"reason_for_filing": "winning_evidence"}}}
    shown = world.post(f"/v1/disputes/{dispute['id']}", evidence=reason)
    assert (shown["status"], shown["evidence_details"]["submission_count"]) == ("appeal_under_review", 2)
    assert shown["evidence"]["appeal"] == {"card": {"reason_for_filing": "winning_evidence", "supporting_files": None}}
    world.advance(SOON)
    assert (now(world, dispute)["status"], net(world)) == ("won", 8500)


def test_what_was_won_can_be_taken_again_on_appeal(world: World) -> None:
    dispute = disputed(world, outcomes=["won", "appeal_under_review"])
    answered(world, dispute)
    world.advance(76 * DAY + SECOND_THOUGHTS)
    assert (now(world, dispute)["status"], net(world)) == ("appeal_under_review", 8500)
    assert bookings(moved(world, dispute, "lost")) == [(-10_000, 1500), (10_000, 0), (-10_000, 0)]


def test_what_cannot_be_contested_is_lost_from_the_beginning(world: World) -> None:
    for charge in (
        paid(world, card={"brand": "cartes_bancaires", "network": "cartes_bancaires"}),
        paid(world, method="sepa_debit"),
    ):
        dispute = disputed(world, charge, reason="customer_initiated")
        assert (dispute["status"], dispute["evidence_details"]["due_by"]) == ("lost", 0)
        assert dispute["balance_transactions"][0]["amount"] == -10_000
    assert told(world) == [CREATED, WITHDRAWN, CLOSED] * 2
    [direct, card] = world.get("/v1/disputes")["data"]
    assert "payment_method_details" not in direct
    assert bookings(card) == [(-10_000, 0)]


def test_what_was_prevented_moves_no_money_and_stays(world: World) -> None:
    dispute = disputed(world, case_type="block")
    assert (dispute["status"], dispute["balance_transactions"]) == ("prevented", [])
    assert told(world) == [CREATED]
    with pytest.raises(ImpossibleMove):
        moved(world, dispute, "won")


def test_smart_disputes_answer_by_themselves(world: World) -> None:
    dispute = disputed(world, intended_submission_method="smart_disputes", days_to_respond=7)
    world.advance(8 * DAY)
    shown = now(world, dispute)
    assert shown["status"] == "under_review"
    assert shown["evidence_details"]["submission_method"] == "smart_disputes"


def test_an_update_tells_what_was_before(world: World) -> None:
    dispute = disputed(world)
    answered(world, dispute)
    event = world.events()[-1]
    assert event["type"] == UPDATED
    assert event["data"]["previous_attributes"] == {
        "evidence": {"uncategorized_text": None},
        "evidence_details": {"has_evidence": False, "submission_count": 0, "submission_method": "not_submitted"},
        "status": "needs_response",
    }
