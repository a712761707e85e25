"""Events about payouts, and movements of the balance that were asked for: no event tells of those."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Q

from billing.mirror.fold import Shape, fold
from billing.mirror.registry import mirrored
from billing.payouts.models import BalanceTransaction, Payout, PayoutStatus
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
    return {
        **{name: getattr(event, name) for name in _MOVEMENT},
        "exchange_rate": Decimal(event.exchange_rate) if event.exchange_rate else None,
        "fee_details": [list(part) for part in event.fee_details],
    }


PAYOUTS = Shape(Kind.PAYOUT, Payout, _payout)
MOVEMENTS = Shape(Kind.BALANCE_TRANSACTION, BalanceTransaction, _movement)
_ON_ITS_WAY = Q(provider_status__in=[PayoutStatus.PENDING, PayoutStatus.IN_TRANSIT])
mirrored(Kind.PAYOUT, Payout, told=_payout, open=_ON_ITS_WAY)
mirrored(Kind.BALANCE_TRANSACTION, BalanceTransaction, told=_movement, open=Q(status="pending"))


@handler(PayoutObserved)
def mirror_payouts(batch: Sequence[Inbound]) -> Mapping[int, Result]:
    return {each.item.row_id: each.result(Kind.PAYOUT) for each in fold(batch, PAYOUTS)}


@handler(BalanceTransactionObserved)
def mirror_movements(batch: Sequence[Inbound]) -> Mapping[int, Result]:
    return {each.item.row_id: each.result(Kind.BALANCE_TRANSACTION) for each in fold(batch, MOVEMENTS)}
