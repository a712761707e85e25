"""What became of a payment afterwards: its refunds, disputes, early warnings and reviews."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from django.utils.translation import gettext

from billing.approvals.models import Approval
from billing.commands.models import CommandExchange, CommandState, MoneyCommand
from billing.commands.queries import commands_of, decisions_on, ended_by, exchanges_of
from billing.compiled import Compiled
from billing.merchants.models import Merchant
from billing.mirror.models import MirroredQuerySet, MirroredRow
from billing.payments.hold import OF_HOLDS
from billing.payments.models import Payment
from billing.refunds.models import LIVE, Refund, RefundReceipt
from billing.refunds.reasons import RefundReason
from billing.refunds.receipts import receipts_of_payment
from disputes.chargebacks.models import OWED, Dispute
from disputes.reviews.models import Review
from disputes.warnings.models import EarlyWarning
from portal.web.payments.called import called
from portal.web.reasons import (
    DISPUTE_REASONS,
    FRAUD_TYPES,
    REFUND_REASONS,
    REVIEW_CLOSED,
    REVIEW_OPENED,
    refund_trouble,
    request_failure,
    words_of,
)

_Row = TypeVar("_Row", bound=MirroredRow)


@dataclass(frozen=True, slots=True)
class RefundRow:
    """``trouble`` is why it failed or waits; ``counts`` is False where the merchant gave nothing back. ``released``
    says that nobody was charged for it before, and is empty for any other."""

    refund: Refund
    amount: int
    reason: str
    trouble: str
    counts: bool
    released: str = ""


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A refund that was asked for here, and that the processor has not made, or not yet. ``trouble`` as in RefundRow;
    ``counts`` is False where it takes nothing of the payment; ``decide_url`` as in HoldRow; ``called`` is the payment,
    in a list of more than one."""

    command: MoneyCommand
    amount: int
    reason: str
    trouble: str
    counts: bool
    decide_url: str = ""
    called: str = ""


@dataclass(frozen=True, slots=True)
class DisputeRow:
    """``owed``: an answer is still expected; without ``due_by`` none is possible."""

    dispute: Dispute
    reason: str
    owed: bool

    @property
    def is_inquiry(self) -> bool:
        return self.dispute.provider_status.startswith("warning_")


@dataclass(frozen=True, slots=True)
class SignalRow:
    """An early warning or a review: ``kind`` and ``value`` name its status, ``what`` and ``reason`` are for people."""

    row: EarlyWarning | Review
    kind: str
    value: str
    what: str
    reason: str


@dataclass(frozen=True, slots=True)
class FollowUps:
    """Each newest first. ``requests`` are all that was asked for here, ``unmade`` refunds of which none was made,
    ``holds`` captures and cancellations with ``exchanges`` about them by their keys; ``ended_by`` are who took one of
    these back or rejected it, ``decisions`` what was decided on any of the requests. ``receipts`` are what customers
    were told of the refunds."""

    requests: Sequence[MoneyCommand]
    holds: Sequence[MoneyCommand]
    exchanges: Mapping[int, Sequence[CommandExchange]]
    ended_by: Mapping[str, str]
    decisions: Mapping[str, Approval]
    unmade: Sequence[RequestRow]
    refunds: Sequence[RefundRow]
    disputes: Sequence[DisputeRow]
    signals: Sequence[SignalRow]
    receipts: Sequence[RefundReceipt]

    @property
    def owed(self) -> list[DisputeRow]:
        """Disputes that can still be answered, what is due soonest first."""
        due = [(row.dispute.due_by, row) for row in self.disputes if row.owed and row.dispute.due_by]
        return [row for _, row in sorted(due, key=lambda each: each[0])]


def load_follow_ups(payment: Payment, merchant: Merchant, livemode: bool) -> FollowUps:
    """Five queries, however many there are; two more where somebody captured or cancelled, one where anything
    was asked for here, one where there are refunds."""
    whose = partial(_of, merchant.pk, payment.pk, livemode)
    requests, refunds = commands_of(payment.pk), whose(_REFUNDS)
    holds = [each for each in requests if each.kind in OF_HOLDS]
    asked = [each for each in requests if each.kind not in OF_HOLDS]
    # A refund that staff named has an id of its own.
    made = {key for each in refunds for key in (each.public_id, each.external_id)}
    # Ours says more than the processor's, which knows three reasons.
    reasons = {key: reason_text(each.reason) for each in asked for key in (each.public_id, each.external_id)}
    signals = [*map(_warning, whose(_WARNINGS)), *map(_review, whose(_REVIEWS))]
    return FollowUps(
        requests=requests,
        holds=holds,
        exchanges=exchanges_of(holds),
        ended_by={each: called(*who) for each, who in ended_by(holds).items()},
        decisions=decisions_on(requests),
        unmade=[request_row(each) for each in asked if not made & {each.public_id, each.external_id}],
        refunds=[_refund(each, reasons.get(each.public_id) or reasons.get(each.external_id, "")) for each in refunds],
        disputes=[_dispute(each) for each in whose(_DISPUTES)],
        signals=sorted(signals, key=lambda signal: signal.row.created_at, reverse=True),
        receipts=receipts_of_payment(payment)[::-1] if refunds else [],
    )


def _of(merchant: int, payment: int, livemode: bool, rows: Compiled[_Row]) -> list[_Row]:
    return rows(merchant, payment, livemode=livemode)


def _compiled(kind: type[_Row]) -> Compiled[_Row]:
    """Of a payment, newest first."""

    def shape(merchant: int, payment: int, *, livemode: bool) -> MirroredQuerySet[_Row]:
        rows: MirroredQuerySet[_Row] = kind._default_manager.for_merchant(merchant, livemode)  # type: ignore[attr-defined]
        return rows.filter(payment=payment).order_by("-created_at", "-id")

    return Compiled(shape)


_REFUNDS, _DISPUTES = _compiled(Refund), _compiled(Dispute)
_WARNINGS, _REVIEWS = _compiled(EarlyWarning), _compiled(Review)


def reason_text(reason: str) -> str:
    """Why a refund was asked for here."""
    return str(dict(RefundReason.choices).get(reason, reason))


def request_row(command: MoneyCommand) -> RequestRow:
    failed = command.command_state == CommandState.FAILED
    return RequestRow(
        command=command,
        amount=-command.amount,
        reason=reason_text(command.reason),
        trouble=request_failure(command.failure_code, command.failure_message) if failed else "",
        counts=command.settled_at is None,
    )


def _refund(refund: Refund, asked: str) -> RefundRow:
    return RefundRow(
        refund=refund,
        amount=-refund.amount,
        reason=asked or words_of(refund.reason, REFUND_REASONS),
        trouble=refund_trouble(refund.provider_status, refund.failure_reason, refund.pending_reason),
        counts=refund.provider_status in LIVE,
    )


def _dispute(dispute: Dispute) -> DisputeRow:
    return DisputeRow(dispute, words_of(dispute.reason, DISPUTE_REASONS), dispute.provider_status in OWED)


def _warning(warning: EarlyWarning) -> SignalRow:
    value = "actionable" if warning.actionable else "informational"
    reason = words_of(warning.fraud_type, FRAUD_TYPES)
    return SignalRow(warning, "warning", value, gettext("Early fraud warning of the card's issuer"), reason)


def _review(review: Review) -> SignalRow:
    if review.is_open:
        return SignalRow(
            *(review, "review", "pending", gettext("Review at the processor")),
            words_of(review.opened_reason, REVIEW_OPENED),
        )
    value = review.closed_reason if review.closed_reason in ("approved", "refunded_as_fraud") else "closed"
    return SignalRow(
        *(review, "review", value, gettext("Review at the processor")), words_of(review.closed_reason, REVIEW_CLOSED)
    )
