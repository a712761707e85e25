"""A dispute goes from one status to the next: money, deadlines and events follow, and nothing else moves money."""

from simulator.call import Call
from simulator.events.due import timer
from simulator.money.balance import book
from simulator.money.conversion import taken
from simulator.protocol.errors import StripeError
from simulator.risk import enhanced
from simulator.risk.plans import next_outcome
from simulator.risk.states import ANSWERED, ENDED, MOVES, due, is_inquiry, refundable
from simulator.store import Doc

DAY = 24 * 3600
FEE = 1500
# In hundredths of the dispute's currency, returned when it is won.
NETWORK_FEE = 50_000
# What is sent after the deadline may still arrive, but helps nobody.
GRACE = 3600
# How long an inquiry can become a chargeback.
INQUIRY = 120 * DAY
# How long it takes an issuer to give in, or to appeal.
SECOND_THOUGHTS = 30 * DAY
# Texts that decide a test dispute, and how soon.
DECIDING = {"winning_evidence": "won", "losing_evidence": "lost", "escalate_inquiry_evidence": "needs_response"}
SOON = 5
_SMART = ("prefer_manual", "prefer_smart_disputes", "smart_disputes")


class ImpossibleMove(ValueError):
    """A dispute does not go from its status to the one that was asked for."""


def move(call: Call, dispute: Doc, status: str) -> Doc:
    """Let it be of this status; the changes that the caller made to it are saved with it."""
    was = dispute["status"]
    if status not in MOVES[was]:
        raise ImpossibleMove(f"{dispute['id']} does not go from {was} to {status}")
    call.forget(dispute["id"])
    charge = call.get("charge", dispute["charge"])
    dispute["status"] = status
    moved = settle(call, dispute, due(dispute, charge, was))
    if status == "won":
        _return_network_fee(call, dispute)
    dispute["is_charge_refundable"] = refundable(dispute, charge)
    if status in ANSWERED:
        dispute["evidence_details"]["due_by"] = deadline(call)
    expect(call, dispute)
    call.save("dispute", dispute, "charge.dispute.closed" if status in ENDED else "charge.dispute.updated")
    if moved:
        call.emit(moved, dispute)
    return dispute


def settle(call: Call, dispute: Doc, target: int | None) -> str | None:
    """Book what is missing until the dispute's bookings sum to ``target``; which event tells of it."""
    booked = [taken(call, txn) for txn in dispute["balance_transactions"]]
    amount = 0 if target is None else target - sum(booked)
    if not amount:
        return None
    withdrawn = amount < 0
    card = dispute.get("payment_method_details", {}).get("card") or {}
    is_free = booked or card.get("network") == "cartes_bancaires"
    txn = book(
        call,
        type="adjustment",
        amount=amount,
        currency=dispute["currency"],
        source=dispute["id"],
        fees=() if is_free else [("stripe_fee", FEE, "Dispute fee")],
        description=f"Chargeback {'withdrawal' if withdrawn else 'reversal'} for {dispute['charge']}",
        reporting_category="dispute" if withdrawn else "dispute_reversal",
    )
    dispute["balance_transactions"].append(txn)
    return "charge.dispute.funds_withdrawn" if withdrawn else "charge.dispute.funds_reinstated"


def expect(call: Call, dispute: Doc) -> None:
    """Set the timers of the status that it has now."""
    name, status = dispute["id"], dispute["status"]
    if status in ANSWERED:
        call.later(dispute["evidence_details"]["due_by"] - call.now, "dispute.due", name)
    if is_inquiry(status) and status not in ENDED:
        call.later(max(0, dispute["created"] + INQUIRY - call.now), "dispute.lapses", name)
    elif status in ENDED and (outcome := next_outcome(call, name, MOVES[status])):
        call.later(SECOND_THOUGHTS, "dispute.decided", name, status=outcome)


def deadline(call: Call, days: int | None = None) -> int:
    """The end of a day one to three weeks from now."""
    days = 7 + call.chance.below("dispute_deadline", 14) if days is None else days
    return (call.now // DAY + days) * DAY + DAY - 1


def submit(call: Call, dispute: Doc, method: str = "manual") -> Doc:
    """The evidence goes to the bank, once at this stage. StripeError: there is none, or it cannot."""
    details = dispute["evidence_details"]
    if not details["has_evidence"] and method == "manual":
        raise StripeError("There is no evidence to submit.", param="evidence")
    enhanced.check_acknowledged(dispute)
    details["submission_count"] += 1
    details["submission_method"] = method
    details["past_due"] = call.now > details["due_by"]
    if enhanced.costs(dispute):
        _take_network_fee(call, dispute)
    move(call, dispute, ANSWERED[dispute["status"]])
    _let_decide(call, dispute)
    return dispute


def _let_decide(call: Call, dispute: Doc) -> None:
    """When the bank answers, and what."""
    possible = MOVES[dispute["status"]]
    appeal = (dispute["evidence"]["appeal"] or {}).get("card") or {}
    is_appeal = dispute["status"].startswith("appeal_")
    text = appeal.get("reason_for_filing") if is_appeal else dispute["evidence"]["uncategorized_text"]
    inquiry = is_inquiry(dispute["status"])
    outcome, wait = DECIDING.get(text or ""), SOON
    if inquiry and outcome in ("won", "lost"):
        # An inquiry ends, but nobody wins it.
        outcome = "warning_closed"
    if outcome not in possible:
        outcome, wait = (
            next_outcome(call, dispute["id"], possible),
            (60 + call.chance.below("dispute_review", 16)) * DAY,
        )
    if outcome is None and not inquiry:
        won = enhanced.proven(dispute) or call.chance.happens("dispute_outcome", 2, 5)
        outcome = "won" if won else "lost"
    if dispute["evidence_details"]["past_due"] and not inquiry:
        outcome = "lost"
    if outcome:
        call.later(wait, "dispute.decided", dispute["id"], status=outcome)


@timer("dispute.due", money=True)
def fall_due(call: Call, name: str) -> None:
    """Nobody answered in time: Stripe does, if it was asked to, or the bank goes on."""
    dispute = call.get("dispute", name)
    if dispute["intended_submission_method"] in _SMART and not enhanced.costs(dispute):
        submit(call, dispute, "smart_disputes")
    elif is_inquiry(dispute["status"]):
        outcome = next_outcome(call, name, MOVES[dispute["status"]])
        if outcome:
            move(call, dispute, outcome)
    else:
        call.later(GRACE, "dispute.expires", name)


@timer("dispute.expires", money=True)
def expire(call: Call, name: str) -> None:
    move(call, call.get("dispute", name), "lost")


@timer("dispute.lapses", money=True)
def lapse(call: Call, name: str) -> None:
    move(call, call.get("dispute", name), "warning_closed")


@timer("dispute.decided", money=True)
def decide(call: Call, name: str, status: str) -> None:
    move(call, call.get("dispute", name), status)


def _take_network_fee(call: Call, dispute: Doc) -> None:
    _book_network_fee(call, dispute, -NETWORK_FEE, "Network fee of a compliance dispute")


def _return_network_fee(call: Call, dispute: Doc) -> None:
    booked = call.all("balance_transaction", source=dispute["id"], type="stripe_fee")
    paid = sum(taken(call, txn) for txn in booked)
    if paid:
        _book_network_fee(call, dispute, -paid, "Network fee of a compliance dispute returned")


def _book_network_fee(call: Call, dispute: Doc, amount: int, description: str) -> None:
    book(
        call,
        type="stripe_fee",
        amount=amount,
        currency=dispute["currency"],
        source=dispute["id"],
        description=description,
    )
