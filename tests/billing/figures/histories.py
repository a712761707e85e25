"""Random histories of merchants in many zones, told in any order: what may happen to a payment, and to a balance."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from hypothesis import strategies as st

from billing.providers.models import ProviderAccount
from billing.webhooks.asked import inbound_of, read_object
from billing.webhooks.handlers import Inbound, Source, dispatch
from tests.billing.deliveries import charge, deliver_all, event, intent, make_connection
from tests.billing.factories import make_merchant

# Zones whose clocks are set at midnight, by half an hour, or stand at odd quarters of an hour.
ZONES = (
    *("Europe/Paris", "America/New_York", "Asia/Kolkata", "Asia/Kathmandu", "Pacific/Chatham"),
    *("Australia/Lord_Howe", "America/Havana", "America/Sao_Paulo", "Asia/Beirut", "UTC"),
)
# In the night in which a clock is set: Paris, Lord Howe, Havana and New York, Beirut, and São Paulo of 2018.
NIGHTS = (
    *(datetime(2026, 10, 24, 20), datetime(2026, 10, 3, 12), datetime(2026, 11, 1, 2), datetime(2026, 3, 28, 20)),
    *(datetime(2018, 11, 3, 23), datetime(2026, 11, 20, 10)),
)
CURRENCIES = ("eur", "jpy", "kwd")


@dataclass(frozen=True)
class Step:
    """``what`` happens to the object of that number, ``later`` seconds after the moment at which it was made."""

    what: str
    number: int
    made: int
    later: int
    amount: int
    currency: str
    status: str
    with_intent: bool
    asked: bool


steps = st.builds(
    Step,
    what=st.sampled_from(["intent", "charge", "charge", "refund", "dispute", "movement", "movement"]),
    number=st.integers(1, 4),
    made=st.builds(
        lambda night, minutes: int(night.replace(tzinfo=UTC).timestamp()) + 60 * minutes,
        st.sampled_from(NIGHTS),
        st.integers(0, 600),
    ),
    later=st.integers(0, 3),
    amount=st.integers(1, 2_000),
    currency=st.sampled_from(CURRENCIES),
    status=st.sampled_from(["succeeded", "failed", "pending", "unheard_of"]),
    with_intent=st.booleans(),
    asked=st.booleans(),
)
histories = st.lists(st.tuples(st.integers(0, 1), steps), min_size=1, max_size=14)
zones = st.lists(st.sampled_from(ZONES), min_size=2, max_size=2)


def make_accounts(names: list[str]) -> list[ProviderAccount]:
    return [make_connection(make_merchant(timezone=name), livemode=bool(i)) for i, name in enumerate(names)]


def live(account: ProviderAccount, history: list[Step], *, together: int = 3) -> None:
    """Tell a history by events, and what no event tells of by answers, so many at once."""
    for first in range(0, len(history), together):
        batch = history[first : first + together]
        asked = [step for step in batch if step.asked or step.what == "movement"]
        told = [step for step in batch if step not in asked]
        deliver_all(
            account, [event(*_told(step), at=step.made + step.later, livemode=account.livemode) for step in told]
        )
        with transaction.atomic():
            dispatch(_answer(account, step, -number) for number, step in enumerate(asked, start=1))


def _told(step: Step) -> tuple[str, dict[str, Any]]:
    kind = {"intent": "payment_intent", "refund": "refund", "dispute": "charge.dispute"}.get(step.what, step.what)
    return f"{kind}.updated", source(step)


def _answer(account: ProviderAccount, step: Step, row_id: int) -> Inbound:
    neutral, at = read_object(account, source(step)), datetime.fromtimestamp(step.made + step.later, UTC)
    return inbound_of(account, neutral, number=row_id, told=f"{step.what}.fetched", at=at, source=Source.REFETCH)


def source(step: Step) -> dict[str, Any]:
    """The object as the processor shows it. Refunds and disputes are of the charge with their number."""
    number, created = step.number, step.made
    money = {"amount": step.amount, "currency": step.currency, "created": created}
    if step.what == "intent":
        return intent(id=f"pi_{number}", status=step.status, amount_received=step.amount, **money)
    if step.what == "charge":
        return charge(
            id=f"ch_{number}",
            payment_intent=f"pi_{number}" if step.with_intent else None,
            status=step.status,
            amount_captured=step.amount if step.asked else 0,
            amount_refunded=step.later,
            **money,
        )
    if step.what == "refund":
        return {"id": f"re_{number}", "object": "refund", "charge": f"ch_{number}", "status": step.status, **money}
    if step.what == "dispute":
        return {
            "id": f"du_{number}",
            "object": "dispute",
            "charge": f"ch_{number}",
            "status": "needs_response",
            "reason": "fraudulent",
            "balance_transactions": [],
            **money,
        }
    return {
        "id": f"txn_{number}",
        "object": "balance_transaction",
        "fee": 3,
        "net": step.amount - 3,
        **money,
        "type": {"failed": "payout", "pending": "payout_failure"}.get(step.status, "charge"),
        "status": "pending",
        "available_on": created + 47 * 3600 * step.later if step.asked else None,
        "balance_type": "payments" if step.with_intent else "risk_reserved" if step.asked else None,
    }
