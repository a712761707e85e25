"""What of a payment is authorised and waits to be captured or cancelled."""

from dataclasses import dataclass
from enum import StrEnum

from billing.commands.models import OPEN, CommandKind, CommandState, MoneyCommand
from billing.commands.needs import Need
from billing.payments.models import Payment, PaymentStatus
from billing.providers.models import ProviderAccount

_HELD = (PaymentStatus.AUTHORISED, PaymentStatus.HELD)
OF_HOLDS = (CommandKind.CAPTURE, CommandKind.CANCEL)


class HoldBarrier(StrEnum):
    """Why nothing can be captured or cancelled. NOT_HELD: nothing was ever authorised, or it is not known."""

    NOT_HELD = "not_held"
    CAPTURED = "captured"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    WAITS_FOR_APPROVAL = "waits_for_approval"
    UNDER_WAY = "under_way"
    NOT_CONNECTED = "not_connected"


_ENDED = {PaymentStatus.CANCELLED: HoldBarrier.CANCELLED, PaymentStatus.EXPIRED: HoldBarrier.EXPIRED}


@dataclass(frozen=True, slots=True)
class Hold:
    """``amount`` in minor units is all that was authorised; ``barrier`` is None where it can be captured or
    cancelled."""

    amount: int
    barrier: HoldBarrier | None


@dataclass(frozen=True, slots=True)
class HoldOutlook:
    """What would become of a capture or cancellation: ``now`` is what is authorised, and ``need`` says why a second
    person would have to approve it, None where nobody has to."""

    now: Hold
    need: Need | None


class HoldBarred(Exception):
    """Nothing of this payment can be captured or cancelled; ``barrier`` says why."""

    def __init__(self, barrier: HoldBarrier) -> None:
        super().__init__(f"no capture: {barrier}")
        self.barrier = barrier


class HoldChanged(Exception):
    """More or less is authorised than was shown; ``now`` is how things stand."""

    def __init__(self, now: Hold) -> None:
        super().__init__(f"{now.amount} are authorised by now")
        self.now = now


def hold_of(payment: Payment, account: ProviderAccount) -> Hold:
    """How it stands now. The payment's lock must be held by whoever captures or cancels."""
    if payment.amount_captured:
        return Hold(0, HoldBarrier.CAPTURED)
    if payment.status not in _HELD:
        return Hold(0, _ENDED.get(PaymentStatus(payment.status), HoldBarrier.NOT_HELD))
    asked = MoneyCommand.objects.filter(payment=payment, kind__in=OF_HOLDS, command_state__in=OPEN)
    state = asked.values_list("command_state", flat=True).first()
    if state is not None:
        waits = state == CommandState.REQUESTED
        return Hold(payment.amount, HoldBarrier.WAITS_FOR_APPROVAL if waits else HoldBarrier.UNDER_WAY)
    return Hold(payment.amount, None if account.is_connected else HoldBarrier.NOT_CONNECTED)


def check_hold(payment: Payment, *, seen_held: int) -> Hold:
    """That it can be captured or cancelled, and is what the person saw who decided, in minor units. Raises HoldBarred,
    HoldChanged."""
    now = hold_of(payment, payment.account)
    if now.barrier is not None:
        raise HoldBarred(now.barrier)
    if now.amount != seen_held:
        raise HoldChanged(now)
    return now


def lock_hold(payment: Payment, *, seen_held: int) -> tuple[Payment, int]:
    """The payment, locked, and what is authorised of it in minor units. Raises as check_hold() does."""
    rows = Payment.objects.select_for_update(of=("self",), no_key=True).select_related("account")
    locked = rows.get(pk=payment.pk)
    return locked, check_hold(locked, seen_held=seen_held).amount
