"""What of a payment is authorised and waits to be captured or cancelled."""

from dataclasses import dataclass
from enum import StrEnum

from billing.commands.models import OPEN, CommandKind, MoneyCommand
from billing.payments.models import Payment, PaymentStatus
from billing.providers.models import ProviderAccount

_HELD = (PaymentStatus.AUTHORISED, PaymentStatus.HELD)
OF_HOLDS = (CommandKind.CAPTURE, CommandKind.CANCEL)


class HoldBarrier(StrEnum):
    """Why nothing can be captured or cancelled."""

    NOT_HELD = "not_held"
    UNDER_WAY = "under_way"
    NOT_CONNECTED = "not_connected"


@dataclass(frozen=True, slots=True)
class Hold:
    """``amount`` in minor units is all that was authorised; ``barrier`` is None where it can be captured or
    cancelled."""

    amount: int
    barrier: HoldBarrier | None


class HoldBarred(Exception):
    """Nothing of this payment can be captured or cancelled; ``barrier`` says why."""

    def __init__(self, barrier: HoldBarrier) -> None:
        super().__init__(f"no capture: {barrier}")
        self.barrier = barrier


def hold_of(payment: Payment, account: ProviderAccount) -> Hold:
    """How it stands now. The payment's lock must be held by whoever captures or cancels."""
    if payment.status not in _HELD or payment.amount_captured:
        return Hold(0, HoldBarrier.NOT_HELD)
    if MoneyCommand.objects.filter(payment=payment, kind__in=OF_HOLDS, command_state__in=OPEN).exists():
        return Hold(payment.amount, HoldBarrier.UNDER_WAY)
    return Hold(payment.amount, None if account.is_connected else HoldBarrier.NOT_CONNECTED)


def lock_hold(payment: Payment) -> tuple[Payment, int]:
    """The payment, locked, and what is authorised of it in minor units. Raises HoldBarred."""
    rows = Payment.objects.select_for_update(of=("self",), no_key=True).select_related("account")
    locked = rows.get(pk=payment.pk)
    hold = hold_of(locked, locked.account)
    if hold.barrier is not None:
        raise HoldBarred(hold.barrier)
    return locked, hold.amount
