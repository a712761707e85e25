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
from billing.commands.models import (
    UNANSWERED,
    UNSENT,
    Call,
    CommandExchange,
    CommandKind,
    CommandState,
    MoneyCommand,
    Reply,
)
from billing.payments.cancel import CancelReason
from billing.payments.hold import Hold, HoldBarrier, hold_of
from billing.payments.models import Payment, PaymentStatus
from billing.payments.queries import PaymentRecord, lapse_of
from billing.providers.base import Lapse
from portal.web.payments.follow_ups import FollowUps
from portal.web.reasons import hold_failure
from reports.dates import left_text
from reports.templatetags.money import money_plain

Text = str | Promise
DONE_AFTER_ALL = "done_after_all"
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
    """A capture or cancellation that was asked for here, with every word about it, oldest first. ``trouble`` is why
    nothing came of it, in a sentence; ``note`` and ``comment``, that of whoever decided, as much of them as the reader
    may know; ``withdraw_url`` is empty where it cannot be taken back, or not by the reader, and ``decide_url`` where it
    waits for no approval, or not for theirs."""

    command: MoneyCommand
    exchanges: Sequence[CommandExchange]
    reason: str
    trouble: str
    note: str
    comment: str
    withdraw_url: str
    decide_url: str

    @property
    def is_capture(self) -> bool:
        return self.command.kind == CommandKind.CAPTURE

    @property
    def state(self) -> str:
        """Which word of STATUSES["command"] fits: what failed may have been done after all."""
        failed = self.command.command_state == CommandState.FAILED
        return DONE_AFTER_ALL if failed and self.command.external_id else self.command.command_state

    @property
    def was_put_off(self) -> bool:
        """Whether it went out, and the processor did not take it."""
        return bool(self.exchanges) and self.exchanges[-1].reply == Reply.NOT_EXECUTED

    @property
    def last_asked_at(self) -> datetime | None:
        """When the processor was last asked what came of it."""
        return next((each.began_at for each in reversed(self.exchanges) if each.call == Call.ASK), None)

    @property
    def asked_next_at(self) -> datetime | None:
        """When the processor is spoken with about it next."""
        return self.command.next_attempt_at if self.state in UNANSWERED else None

    @property
    def counts(self) -> bool:
        """Whether it ends the authorisation, or may yet."""
        return self.command.settled_at is None or self.state in (CommandState.SUCCEEDED, DONE_AFTER_ALL)

    @property
    def what(self) -> str:
        amount = {"amount": money_plain(self.command.amount, self.command.currency)}
        return (gettext("Capture of %(amount)s") if self.is_capture else gettext("Cancellation of %(amount)s")) % amount


@dataclass(frozen=True)
class Holding:
    """Of one payment. ``after`` answers what became of it, ``decided_at`` where the reader decides on what waits, by
    public ids of commands, and ``shown`` as much of a text as the reader may know; addresses are below ``base_url``,
    and end with ``suffix``. Who may not end an authorisation reads ``refusal``, or nothing where that is empty."""

    record: PaymentRecord
    after: Callable[[], FollowUps]
    decided_at: Callable[[], Mapping[str, str]]
    shown: Callable[[str], str]
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
        return lapse_of(self.payment, self.record.attempts) if self.was_held and self.now.amount else None

    @property
    def is_overdue(self) -> bool:
        """Whether it should have ended by now, and the processor has not told of it."""
        return self.until is not None and self.until.at <= clock.now()

    @property
    def left(self) -> str:
        """How long it holds."""
        return left_text(self.until.at, clock.now()) if self.until else ""

    @cached_property
    def rows(self) -> list[HoldRow]:
        """Captures and cancellations that were asked for here, newest first."""
        return [self._row(each) for each in self.after().holds]

    @property
    def newest(self) -> HoldRow | None:
        """The last of them, unless it is over and the authorisation with it."""
        row = next(iter(self.rows), None)
        over = row is None or (row.command.settled_at is not None and not self.now.amount)
        return None if over else row

    def _row(self, command: MoneyCommand) -> HoldRow:
        failed = command.command_state == CommandState.FAILED and not command.external_id
        decision = self.after().decisions.get(command.public_id)
        withdraws = self.may_end and command.command_state in UNSENT
        return HoldRow(
            command=command,
            exchanges=self.after().exchanges.get(command.pk, ()),
            reason=cancel_reason(command.reason),
            trouble=hold_failure(command.failure_code, command.failure_message) if failed else "",
            note=self.shown(command.note),
            comment=self.shown(decision.comment) if decision is not None else "",
            withdraw_url=f"{self.base_url}withdraw/{command.public_id}/{self.suffix}" if withdraws else "",
            decide_url=self.decided_at().get(command.public_id, ""),
        )


def cancel_reason(reason: str) -> str:
    """Why a cancellation was asked for here; empty for a capture, which needs no reason."""
    return str(dict(CancelReason.choices).get(reason, reason))
