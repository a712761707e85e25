"""What processors tell us, in words of no processor. Amounts are minor units, times UTC, unknown words kept."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class CardDetails:
    method_type: str = ""
    brand: str = ""
    last4: str = ""
    exp_month: int | None = None
    exp_year: int | None = None
    country: str = ""
    fingerprint: str = ""
    wallet: str = ""


@dataclass(frozen=True, slots=True)
class PartyDetails:
    name: str = ""
    email: str = ""
    customer_id: str = ""


@dataclass(frozen=True, slots=True)
class IntentObserved:
    """A snapshot of a payment intent."""

    external_id: str
    status: str
    rank: int
    final: bool
    amount: int
    amount_received: int
    currency: str
    created_at: datetime
    description: str
    statement_descriptor: str
    customer_id: str
    receipt_email: str
    cancellation_reason: str
    failed: bool
    failure_code: str
    decline_code: str
    failure_message: str
    metadata: dict[str, str] = field(hash=False)


@dataclass(frozen=True, slots=True)
class ChargeObserved:
    """A snapshot of one charge: one attempt at a payment. ``intent_id`` is empty for a charge without an intent."""

    external_id: str
    intent_id: str
    status: str
    rank: int
    amount: int
    amount_captured: int
    amount_refunded: int
    captured: bool
    currency: str
    created_at: datetime
    description: str
    statement_descriptor: str
    failure_code: str
    decline_code: str
    failure_message: str
    outcome_type: str
    risk_level: str
    risk_score: int | None
    card: CardDetails
    party: PartyDetails
    metadata: dict[str, str] = field(hash=False)


NeutralEvent = IntentObserved | ChargeObserved
