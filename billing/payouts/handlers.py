"""Events about payouts, and movements of the balance that were asked for: no event tells of those."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum

from billing.figures.sources import Source, counted
from billing.mirror.fold import Shape, changed, fold
from billing.mirror.registry import mirrored
from billing.payouts.book import book_movements, book_payouts
from billing.payouts.models import LEFT, NO_PAYOUT, ON_ITS_WAY, BalanceTransaction, Payout
from billing.providers.base import Kind
from billing.providers.events import BalanceTransactionObserved, PayoutObserved
from billing.webhooks.handlers import Inbound, Result, handler

_PAYOUT = (
    *("amount", "currency", "arrival_at", "automatic", "method", "destination_id", "balance_transaction_id"),
    *("failure_balance_transaction_id", "failure_code", "failure_message", "reconciliation_status", "trace_id"),
    *("statement_descriptor", "description", "metadata", "created_at"),
)
_MOVEMENT = (
    *("type", "reporting_category", "status", "amount", "fee", "net", "currency", "source_id", "description"),
    *("balance_type", "available_on", "created_at"),
)


def _payout(event: PayoutObserved) -> Mapping[str, Any]:
    return {**{name: getattr(event, name) for name in _PAYOUT}, "provider_status": event.status}


def _movement(event: BalanceTransactionObserved) -> Mapping[str, Any]:
    return {**_told(event), "booking": event.booking.value}


def _told(event: BalanceTransactionObserved) -> Mapping[str, Any]:
    """What the processor says. What it is to us is no difference to be found."""
    return {
        **{name: getattr(event, name) for name in _MOVEMENT},
        "exchange_rate": Decimal(event.exchange_rate) if event.exchange_rate else None,
        "fee_details": [list(part) for part in event.fee_details],
    }


PAYOUTS = Shape(Kind.PAYOUT, Payout, _payout)


def _adds(movement: BalanceTransaction) -> tuple[int, ...]:
    # What a payout moves to the bank is neither earned nor lost, but what it costs is.
    return (0, movement.fee, -movement.fee) if movement.is_payout else (1, movement.fee, movement.net)


COUNTED = counted(
    Source(
        BalanceTransaction,
        adds=_adds,
        sums={
            "movements": Count("pk", filter=NO_PAYOUT),
            "fees": Sum("fee", default=0),
            "net": Sum(LEFT, default=0),
        },
        at=lambda movement: movement.created_at,
    )
)
MOVEMENTS = Shape(Kind.BALANCE_TRANSACTION, BalanceTransaction, _movement, counts=(COUNTED,))
mirrored(Kind.PAYOUT, Payout, told=_payout, open=Q(provider_status__in=ON_ITS_WAY))
mirrored(Kind.BALANCE_TRANSACTION, BalanceTransaction, told=_told, open=Q(status="pending"))


@handler(PayoutObserved)
def mirror_payouts(batch: Sequence[Inbound]) -> Mapping[int, Result]:
    done = fold(batch, PAYOUTS)
    book_payouts(changed(done))
    return {each.item.row_id: each.result(Kind.PAYOUT) for each in done}


@handler(BalanceTransactionObserved)
def mirror_movements(batch: Sequence[Inbound]) -> Mapping[int, Result]:
    done = fold(batch, MOVEMENTS)
    book_movements(changed(done))
    return {each.item.row_id: each.result(Kind.BALANCE_TRANSACTION) for each in done}
