"""What processors tell us, in words of no processor. Amounts are minor units, times UTC, unknown words kept.

Every snapshot has an ``external_id``, and for the order among snapshots of its object (``billing.mirror.order``) a
``rank``, whether its state is ``final``, and whether it is ``known``: a state that this version has a word for.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Booking(StrEnum):
    """What a movement of the balance is, in words that no processor owns."""

    PAYMENT = "payment"
    REFUND = "refund"
    DISPUTE = "dispute"
    FEE = "fee"
    # What a platform earns from what its accounts are paid.
    EARNING = "earning"
    PAYOUT = "payout"
    # Kept back from the balance, or given back to it; it stays the merchant's.
    HOLD = "hold"
    TRANSFER = "transfer"
    ISSUING = "issuing"
    ADJUSTMENT = "adjustment"
    # The processor's words for it do not fit together, or are new: nobody guesses.
    UNKNOWN = "unknown"


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
    known: bool
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
    """A snapshot of one charge: one attempt at a payment. ``intent_id`` is empty for a charge without an intent, of
    which ``expired`` says that what it authorised ran out; other snapshots of it may not repeat that."""

    external_id: str
    intent_id: str
    status: str
    rank: int
    known: bool
    amount: int
    amount_captured: int
    amount_refunded: int
    captured: bool
    expired: bool
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
    balance_transaction_id: str
    card: CardDetails
    party: PartyDetails
    metadata: dict[str, str] = field(hash=False)

    final = False


@dataclass(frozen=True, slots=True)
class CustomerObserved:
    """A snapshot of a customer. ``deleted`` is final; everything else in it may be empty then. ``languages`` are what
    they like to read, best first (BCP 47, with commas between)."""

    external_id: str
    rank: int
    deleted: bool
    name: str
    email: str
    phone: str
    description: str
    currency: str
    languages: str
    default_method_id: str
    created_at: datetime | None
    metadata: dict[str, str] = field(hash=False)

    known = True

    @property
    def final(self) -> bool:
        return self.deleted


@dataclass(frozen=True, slots=True)
class PaymentMethodObserved:
    """A snapshot of a stored means of payment. ``customer_id`` is empty when it belongs to nobody (any more)."""

    external_id: str
    rank: int
    customer_id: str
    card: CardDetails
    party: PartyDetails
    created_at: datetime | None
    metadata: dict[str, str] = field(hash=False)

    known, final = True, False


@dataclass(frozen=True, slots=True)
class RefundObserved:
    """A snapshot of a refund. One of ``charge_id`` and ``intent_id`` may be empty. ``arn`` is the bank's reference."""

    external_id: str
    status: str
    rank: int
    final: bool
    known: bool
    charge_id: str
    intent_id: str
    amount: int
    currency: str
    reason: str
    failure_reason: str
    pending_reason: str
    arn: str
    balance_transaction_id: str
    failure_balance_transaction_id: str
    description: str
    created_at: datetime
    metadata: dict[str, str] = field(hash=False)


@dataclass(frozen=True, slots=True)
class DisputeObserved:
    """A snapshot of a dispute or an inquiry.

    ``amount_withdrawn`` is what its balance transactions took and have not given back (never worked out from the
    status), ``fee`` what they cost. ``due_by`` is None where no answer is possible. ``evidence`` holds what stands at
    the processor, fields without a value left out.
    """

    external_id: str
    status: str
    rank: int
    final: bool
    known: bool
    charge_id: str
    intent_id: str
    amount: int
    currency: str
    amount_withdrawn: int
    fee: int
    reason: str
    network_reason_code: str
    case_type: str
    brand: str
    is_charge_refundable: bool
    due_by: datetime | None
    has_evidence: bool
    past_due: bool
    submission_count: int
    submission_method: str
    created_at: datetime
    balance_transaction_ids: tuple[str, ...]
    evidence: dict[str, str] = field(hash=False)
    metadata: dict[str, str] = field(hash=False)


@dataclass(frozen=True, slots=True)
class WarningObserved:
    """A snapshot of an early fraud warning of a card's issuer."""

    external_id: str
    rank: int
    charge_id: str
    intent_id: str
    fraud_type: str
    actionable: bool
    created_at: datetime

    known, final = True, False


@dataclass(frozen=True, slots=True)
class ReviewObserved:
    """A snapshot of a review at the processor."""

    external_id: str
    rank: int
    final: bool
    charge_id: str
    intent_id: str
    is_open: bool
    reason: str
    opened_reason: str
    closed_reason: str
    ip_address: str
    ip_country: str
    billing_zip: str
    created_at: datetime

    known = True


@dataclass(frozen=True, slots=True)
class PayoutObserved:
    """A snapshot of a payout. ``amount`` is negative where the processor took money from the bank account."""

    external_id: str
    status: str
    rank: int
    final: bool
    known: bool
    amount: int
    currency: str
    arrival_at: datetime | None
    automatic: bool
    method: str
    destination_id: str
    balance_transaction_id: str
    failure_balance_transaction_id: str
    failure_code: str
    failure_message: str
    reconciliation_status: str
    trace_id: str
    statement_descriptor: str
    description: str
    created_at: datetime
    metadata: dict[str, str] = field(hash=False)


@dataclass(frozen=True, slots=True)
class BalanceTransactionObserved:
    """A snapshot of one movement of the balance. ``amount``, ``fee`` and ``net`` may be negative; ``exchange_rate`` is
    a decimal number as text, empty where nothing was converted; ``fee_details`` are (type, amount, currency,
    description) each."""

    external_id: str
    rank: int
    known: bool
    booking: Booking
    type: str
    reporting_category: str
    status: str
    amount: int
    fee: int
    net: int
    currency: str
    exchange_rate: str
    source_id: str
    description: str
    balance_type: str
    available_on: datetime | None
    created_at: datetime
    fee_details: tuple[tuple[str, int, str, str], ...]

    final = False


@dataclass(frozen=True, slots=True)
class InvoiceObserved:
    """A snapshot of an invoice that the processor made. ``lines`` are (description, quantity, amount, currency) each,
    as many as came with it. ``deleted`` is final; everything else in it may be empty then."""

    external_id: str
    status: str
    rank: int
    final: bool
    known: bool
    deleted: bool
    number: str
    customer_id: str
    customer_email: str
    currency: str
    subtotal: int
    tax: int
    total: int
    amount_due: int
    amount_paid: int
    amount_remaining: int
    description: str
    due_at: datetime | None
    finalized_at: datetime | None
    paid_at: datetime | None
    created_at: datetime | None
    lines: tuple[tuple[str, int, int, str], ...]
    metadata: dict[str, str] = field(hash=False)


@dataclass(frozen=True, slots=True)
class AccountObserved:
    """A snapshot of the account itself, or of one that is connected to it; ``authorised`` is False once it has left."""

    external_id: str
    name: str
    country: str
    currency: str
    timezone: str
    charges_enabled: bool
    payouts_enabled: bool
    authorised: bool
    created_at: datetime | None
    rank: int = 0

    known, final = True, False


NeutralEvent = (
    IntentObserved
    | ChargeObserved
    | CustomerObserved
    | PaymentMethodObserved
    | RefundObserved
    | DisputeObserved
    | WarningObserved
    | ReviewObserved
    | PayoutObserved
    | BalanceTransactionObserved
    | InvoiceObserved
    | AccountObserved
)
