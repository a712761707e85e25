"""What the page of a payment says of capturing or cancelling it: where that is asked for, or why it cannot be, and what
came of what was asked for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing import clock
from billing.commands.models import UNANSWERED, UNSENT, CommandKind, CommandState, MoneyCommand
from billing.payments.cancel import CancelReason
from billing.payments.hold import Hold, HoldBarrier, hold_of
from billing.payments.models import Payment, PaymentStatus
from billing.payments.queries import PaymentRecord, lapse_of
from billing.providers.base import Lapse
from portal.web.reasons import hold_failure
from reports.templatetags.money import money_plain

Text = str | Promise
_BARRIERS: Mapping[HoldBarrier, Text] = {
    HoldBarrier.NOT_HELD: _("No amount is authorised, so there is nothing to capture or to cancel."),
    HoldBarrier.CAPTURED: _("The payment was captured already. It can be refunded now, and no longer cancelled."),
    HoldBarrier.CANCELLED: _(
        "The authorisation was cancelled, so nothing is held any more. To be charged, the customer has to pay again."
    ),
    HoldBarrier.EXPIRED: _(
        "The authorisation has expired, so nothing is held any more. To be charged, the customer has to pay again."
    ),
    HoldBarrier.WAITS_FOR_APPROVAL: _(
        "What was asked for before waits for a second person. Once it is rejected or withdrawn, something else can be"
        " asked for."
    ),
    HoldBarrier.UNDER_WAY: _("What was asked for before is under way. What came of it shows here by itself."),
    HoldBarrier.NOT_CONNECTED: _(
        "The connection to the processor has ended. Once an Owner or Admin has connected the account again, the payment"
        " can be captured or cancelled."
    ),
}


def barrier_text(barrier: HoldBarrier) -> str:
    """Why nothing of the payment can be captured or cancelled, and what helps."""
    return str(_BARRIERS[barrier])


@dataclass(frozen=True, slots=True)
class HoldAction:
    """Addresses of the forms that capture and cancel. Without them ``reason`` says why there are none."""

    capture_url: str = ""
    cancel_url: str = ""
    reason: Text = ""


@dataclass(frozen=True, slots=True)
class HoldRow:
    """A capture or cancellation that was asked for here. ``trouble`` is why nothing came of it, in a sentence;
    ``withdraw_url`` is empty where it cannot be taken back, or not by the reader."""

    command: MoneyCommand
    reason: str
    trouble: str
    withdraw_url: str

    @property
    def is_capture(self) -> bool:
        return self.command.kind == CommandKind.CAPTURE

    @property
    def state(self) -> str:
        return self.command.command_state

    @property
    def asked_next_at(self) -> datetime | None:
        """When the processor is spoken with about it next."""
        return self.command.next_attempt_at if self.state in UNANSWERED else None

    @property
    def counts(self) -> bool:
        """Whether it ends the authorisation, or may yet."""
        return self.command.settled_at is None or self.state == CommandState.SUCCEEDED

    @property
    def what(self) -> str:
        amount = {"amount": money_plain(self.command.amount, self.command.currency)}
        return (gettext("Capture of %(amount)s") if self.is_capture else gettext("Cancellation of %(amount)s")) % amount


@dataclass(frozen=True)
class Holding:
    """Of one payment. ``requests`` answers what was asked for, newest first; addresses are below ``base_url``, and end
    with ``suffix``. Who may not end an authorisation reads ``refusal``, or nothing where that is empty."""

    record: PaymentRecord
    requests: Callable[[], Sequence[MoneyCommand]]
    base_url: str
    suffix: str
    may_end: bool
    refusal: Text

    @property
    def payment(self) -> Payment:
        return self.record.payment

    @cached_property
    def now(self) -> Hold:
        return hold_of(self.payment, self.payment.account)

    @property
    def was_held(self) -> bool:
        """Whether an amount is authorised, or was until that ended. What was captured is no such payment any more."""
        if self.payment.amount_captured:
            return False
        authorised = any(attempt.status == "succeeded" for attempt in self.record.attempts)
        return authorised or self.payment.status in (PaymentStatus.AUTHORISED, PaymentStatus.HELD)

    @cached_property
    def action(self) -> HoldAction:
        """What stands in the place of the buttons that capture and cancel."""
        if not self.was_held:
            return HoldAction()
        barrier = self.now.barrier
        if not self.may_end and (barrier is None or not self.refusal):
            return HoldAction(reason=self.refusal)
        if barrier is not None:
            return HoldAction(reason=barrier_text(barrier))
        return HoldAction(f"{self.base_url}capture/{self.suffix}", f"{self.base_url}cancel/{self.suffix}")

    @cached_property
    def until(self) -> Lapse | None:
        """When what is held now ends by itself."""
        return lapse_of(self.record) if self.was_held and self.now.amount else None

    @property
    def is_overdue(self) -> bool:
        """Whether it should have ended by now, and the processor has not told of it."""
        return self.until is not None and self.until.at <= clock.now()

    @cached_property
    def rows(self) -> list[HoldRow]:
        """Captures and cancellations that were asked for here, newest first."""
        return [hold_row(each, withdraw_at=self._withdraw_at(each)) for each in self.requests()]

    @property
    def newest(self) -> HoldRow | None:
        """The last of them, unless it is over and the authorisation with it."""
        row = next(iter(self.rows), None)
        over = row is None or (row.command.settled_at is not None and not self.now.amount)
        return None if over else row

    def _withdraw_at(self, command: MoneyCommand) -> str:
        return f"{self.base_url}withdraw/{command.public_id}/{self.suffix}" if self.may_end else ""


def hold_row(command: MoneyCommand, *, withdraw_at: str) -> HoldRow:
    """``withdraw_at`` is where it is taken back, empty for whoever may not."""
    failed = command.command_state == CommandState.FAILED
    return HoldRow(
        command=command,
        reason=cancel_reason(command.reason),
        trouble=hold_failure(command.failure_code, command.failure_message) if failed else "",
        withdraw_url=withdraw_at if command.command_state in UNSENT else "",
    )


def cancel_reason(reason: str) -> str:
    """Why a cancellation was asked for here; empty for a capture, which needs no reason."""
    return str(dict(CancelReason.choices).get(reason, reason))
