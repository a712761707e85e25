"""Payouts and the movements of the balance, from any API version, in neutral words."""

from collections.abc import Mapping
from typing import Any

from billing.providers.events import BalanceTransactionObserved, PayoutObserved
from billing.providers.stripe.bookings import booking_of
from billing.providers.stripe.fields import (
    currency,
    currency_or_none,
    decimal,
    entries,
    flag,
    identity,
    metadata,
    moment,
    moment_or_none,
    reference,
    section,
    signed,
    text,
)

# A payout that was paid can still fail, for five business days.
_RANK = {"pending": 0, "in_transit": 10, "paid": 20, "failed": 30, "canceled": 30}
_UNKNOWN = 15
_FINAL = {"failed", "canceled"}
_RECONCILED = {"in_progress": 1, "completed": 2}
_RANK_STEP = 10
_SETTLED = {"pending": 0, "available": 1}


def payout(source: Mapping[str, Any]) -> PayoutObserved:
    """A payout. Raises UnreadableObject without id, amount or currency."""
    status = text(source, "status", 40)
    code = currency(source)
    reconciled = text(source, "reconciliation_status", 40)
    trace_id = text(section(source, "trace_id"), "value", 100)
    return PayoutObserved(
        external_id=identity(source),
        status=status,
        # The bank's reference and the end of the reconciliation come later than the status and stay.
        rank=_RANK.get(status, _UNKNOWN) * _RANK_STEP + _RECONCILED.get(reconciled, 0) * 2 + bool(trace_id),
        final=status in _FINAL,
        known=status in _RANK,
        amount=signed(source, "amount", code),
        currency=code,
        arrival_at=moment_or_none(source, "arrival_date") or moment_or_none(source, "date"),
        automatic=flag(source, "automatic"),
        method=text(source, "method", 40),
        destination_id=reference(source, "destination")
        or reference(source, "bank_account")
        or reference(source, "card"),
        balance_transaction_id=reference(source, "balance_transaction"),
        failure_balance_transaction_id=reference(source, "failure_balance_transaction"),
        failure_code=text(source, "failure_code", 80),
        failure_message=text(source, "failure_message"),
        reconciliation_status=reconciled,
        trace_id=trace_id,
        statement_descriptor=text(source, "statement_descriptor", 64),
        description=text(source, "description"),
        # The oldest form has one date only.
        created_at=moment(source, "date" if source.get("created") is None else "created"),
        metadata=metadata(source),
    )


def transfer(source: Mapping[str, Any]) -> PayoutObserved | None:
    """What was called a transfer before 2017-04-06 and a payout since; None for a transfer between two accounts, which
    has no state or says that it goes to one."""
    between_accounts = text(source, "type", 40) == "stripe_account" or reference(source, "destination")[:5] == "acct_"
    if between_accounts or text(source, "status", 40) not in _RANK:
        return None
    return payout(source)


def balance_transaction(source: Mapping[str, Any]) -> BalanceTransactionObserved:
    """One movement of the balance. Raises UnreadableObject without id, amount or currency."""
    status = text(source, "status", 40)
    code = currency(source)
    kind, category = text(source, "type", 60), text(source, "reporting_category", 60)
    amount, fee = signed(source, "amount", code), signed(source, "fee", code, 0)
    return BalanceTransactionObserved(
        external_id=identity(source),
        rank=_SETTLED.get(status, 0),
        known=status in _SETTLED,
        booking=booking_of(kind, category),
        type=kind,
        reporting_category=category,
        status=status,
        amount=amount,
        fee=fee,
        net=signed(source, "net", code, amount - fee),
        currency=code,
        exchange_rate=decimal(source, "exchange_rate"),
        source_id=reference(source, "source"),
        description=text(source, "description"),
        balance_type=text(source, "balance_type", 40),
        available_on=moment_or_none(source, "available_on"),
        created_at=moment(source, "created"),
        fee_details=tuple(_fee(part, currency_or_none(part) or code) for part in entries(source, "fee_details")),
    )


def _fee(part: Mapping[str, Any], code: str) -> tuple[str, int, str, str]:
    return text(part, "type", 60), signed(part, "amount", code), code, text(part, "description")
