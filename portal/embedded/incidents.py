"""What happens at a processor now and then, and mostly goes wrong: small incidents of the demo, one after the other."""

import random
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from portal.embedded.stand_in import CardDeclined, NoAnswer, StandIn

EVERY = 90.0
Incident = Callable[[StandIn, str], Any]
REASONS = ("fraudulent", "product_not_received", "product_unacceptable", "duplicate", "subscription_canceled")


def dispute(stand_in: StandIn, account: str) -> None:
    """A customer says no, and the bank takes the money back."""
    charge = untroubled_charge(stand_in, account)
    stand_in.ask("POST", "/disputes", account=account, charge=charge, reason=random.choice(REASONS))


def warn(stand_in: StandIn, account: str) -> None:
    """The card's bank reports fraud before anybody disputes."""
    charge = untroubled_charge(stand_in, account)
    stand_in.ask("POST", "/warnings", account=account, charge=charge, fraud_type="made_with_stolen_card")


def review(stand_in: StandIn, account: str) -> None:
    """A rule of the merchant holds a payment back for a second look."""
    charge = untroubled_charge(stand_in, account)
    stand_in.ask("POST", "/reviews", account=account, charge=charge, opened_reason="rule")


def hold(stand_in: StandIn, account: str) -> None:
    """A customer orders again what is captured once it leaves the warehouse: the amount is held for a week."""
    charges = stand_in.call(account, "GET", "/v1/charges", limit=100)["data"]
    known = [each for each in charges if each["status"] == "succeeded" and each["customer"] and each["payment_method"]]
    # Whoever was refunded as a fraud is on a block list, and any card may be declined: somebody else orders then.
    for before in random.sample(known, len(known)):
        with suppress(CardDeclined):
            _order_again(stand_in, account, before)
            return
    raise NoAnswer("nobody who bought something lately has an account and a card that is not declined")


def _order_again(stand_in: StandIn, account: str, before: Mapping[str, Any]) -> None:
    asked = {name: before[name] for name in ("amount", "currency", "customer", "payment_method", "description")}
    more = {"confirm": True, "off_session": True, "capture_method": "manual"}
    order = {"order_id": f"{random.randrange(10_000, 100_000)}-P"}
    stand_in.call(account, "POST", "/v1/payment_intents", **asked, **more, metadata=order)


def fail_next_payout(stand_in: StandIn, account: str) -> None:
    stand_in.ask("POST", "/payouts/fail", account=account)


def lose_deliveries(stand_in: StandIn, account: str) -> None:
    """The next webhooks never come; the gap finder brings what they told."""
    stand_in.ask("POST", "/faults", kind="lose", times=3)


def deliver_late(stand_in: StandIn, account: str) -> None:
    """Charges come after what belongs to them, which waits for them."""
    stand_in.ask("POST", "/faults", kind="delay", match="charge.*", times=4, seconds=45)


def deliver_twice(stand_in: StandIn, account: str) -> None:
    stand_in.ask("POST", "/faults", kind="double", times=5)


def answer_with_errors(stand_in: StandIn, account: str) -> None:
    """Whatever is asked fails for a while, and is asked again."""
    stand_in.ask("POST", "/faults", kind="error", match="GET /v1/*", times=6, status=500)


INCIDENTS: Sequence[Incident] = (
    *(dispute, lose_deliveries, review, deliver_late, hold, warn, deliver_twice, fail_next_payout, dispute),
    *(answer_with_errors, hold),
)


def happen(stand_in: StandIn, accounts: Sequence[str], turn: int) -> None:
    """The incident whose turn it is, at one of the accounts."""
    occur(INCIDENTS[turn % len(INCIDENTS)], stand_in, accounts[turn % len(accounts)])


def occur(incident: Incident, stand_in: StandIn, account: str) -> None:
    """One that cannot happen is told, and left out."""
    try:
        incident(stand_in, account)
    except NoAnswer as refusal:
        sys.stderr.write(f"no {incident.__name__} this time: {refusal}\n")


def turn_at(moment: float | None = None) -> int:
    """Whose turn it is; a restart goes on in the middle."""
    return int((time.time() if moment is None else moment) // EVERY)


def untroubled_charge(stand_in: StandIn, account: str) -> str:
    """A recent payment that nobody has complained about. Raises NoAnswer where there is none."""
    charges = stand_in.call(account, "GET", "/v1/charges", limit=100)["data"]
    paid = [each["id"] for each in charges if each["status"] == "succeeded" and each["captured"]]
    troubled = {each["id"] for each in charges if each["disputed"] or each["amount_refunded"] or each["review"]}
    if not (found := [each for each in paid if each not in troubled]):
        raise NoAnswer("every recent payment has had its trouble")
    return random.choice(found)
