"""The life of a dispute as a table, and what each status means for the money."""

from simulator.store import Doc

MOVES: dict[str, tuple[str, ...]] = {
    "warning_needs_response": ("warning_under_review", "warning_closed", "needs_response", "lost"),
    "warning_under_review": ("warning_closed", "needs_response"),
    "warning_closed": (),
    "needs_response": ("under_review", "lost", "won"),
    "under_review": ("won", "lost", "appeal_needs_response", "appeal_under_review"),
    "appeal_needs_response": ("appeal_under_review", "won", "lost"),
    "appeal_under_review": ("won", "lost"),
    # The issuer may give in late, and either side may appeal.
    "won": ("appeal_needs_response", "appeal_under_review"),
    "lost": ("won", "appeal_needs_response", "appeal_under_review"),
    "prevented": (),
}
# What an answer of the merchant leads to. Every other status takes none.
ANSWERED = {
    "warning_needs_response": "warning_under_review",
    "needs_response": "under_review",
    "appeal_needs_response": "appeal_under_review",
}
ENDED = ("warning_closed", "won", "lost", "prevented")


def is_inquiry(status: str) -> bool:
    return status.startswith("warning_")


def is_harmless(status: str) -> bool:
    """A refund beside a chargeback would pay twice; where no money was taken, or it is back, it would not."""
    return is_inquiry(status) or status in ("won", "prevented")


def refundable(dispute: Doc, charge: Doc) -> bool:
    return is_harmless(dispute["status"]) and not charge["refunded"]


def due(dispute: Doc, charge: Doc, was: str) -> int | None:
    """What the dispute's bookings must sum to, now that it left the status ``was``; None: leave them."""
    amount: int = dispute["amount"]
    match dispute["status"]:
        case "needs_response":
            # An inquiry about what has all been refunded takes no more money.
            return 0 if is_inquiry(was) and charge["refunded"] else -amount
        case "won":
            return 0
        case "lost" if dispute["balance_transactions"]:
            # A bank that has seen the evidence does not pay the customer twice.
            return -amount + (_refunded_part(dispute, charge) if was.endswith("under_review") else 0)
    return None


def _refunded_part(dispute: Doc, charge: Doc) -> int:
    """How much of what is disputed the customer had back already."""
    refunded: int = charge["amount_refunded"]
    claimed: int = dispute["amount"] - (charge["amount"] - refunded)
    return min(refunded, max(0, claimed))
