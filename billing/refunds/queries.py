"""Reading refunds: rows of a list, and what of a payment can still be given back."""

from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Sum

from billing.commands.models import OPEN, CommandKind, MoneyCommand
from billing.payments.models import Payment
from billing.payments.queries import PAYMENT_OF_ROW
from billing.providers.models import ProviderAccount

# Columns of a row of the list.
ROW = (
    *("id", "public_id", "provider_status", "amount", "currency", "reason", "failure_reason", "pending_reason"),
    *("created_at", *PAYMENT_OF_ROW),
)


class Barrier(StrEnum):
    """Why nothing of a payment can be given back."""

    NOT_CAPTURED = "not_captured"
    DISPUTED = "disputed"
    REFUNDED = "refunded"
    UNDER_WAY = "under_way"
    LOST = "lost"
    NOT_CONNECTED = "not_connected"


@dataclass(frozen=True, slots=True)
class Refundable:
    """How what was captured is spoken for, in minor units: ``refunded`` by refunds that did not fail, ``under_way`` by
    requests of which no refund is known yet, ``lost`` to disputes; ``left`` is the rest. ``barrier`` is None where
    ``left`` can be given back."""

    captured: int
    refunded: int
    under_way: int
    lost: int
    left: int
    barrier: Barrier | None


def refundable(payment: Payment, account: ProviderAccount) -> Refundable:
    """What of a payment can be given back now. Its lock must be held by whoever spends it."""
    open_refunds = MoneyCommand.objects.filter(payment=payment, kind=CommandKind.REFUND, command_state__in=OPEN)
    under_way = open_refunds.aggregate(sum=Sum("amount", default=0))["sum"]
    captured, refunded, lost = payment.amount_captured, payment.amount_refunded, payment.amount_lost
    left = max(captured - refunded - under_way - lost, 0)
    barrier = _barrier(payment, account, left=left, under_way=under_way)
    return Refundable(captured, refunded, under_way, lost, left, barrier)


def _barrier(payment: Payment, account: ProviderAccount, *, left: int, under_way: int) -> Barrier | None:
    if not payment.amount_captured or not payment.external_charge_id:
        return Barrier.NOT_CAPTURED
    # An inquiry takes no money and is no chargeback: giving the money back may even end it.
    if payment.open_chargebacks:
        return Barrier.DISPUTED
    if not left:
        if under_way:
            return Barrier.UNDER_WAY
        return Barrier.LOST if payment.amount_lost else Barrier.REFUNDED
    return None if account.is_connected else Barrier.NOT_CONNECTED
