"""What waits for somebody across merchants. A count and the list behind it come from the same rows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing import clock
from billing.commands.doubts import doubt_of, in_doubt
from billing.commands.models import MoneyCommand
from billing.payments.models import Payment, PaymentStatus
from billing.payouts.models import BalanceTransaction, Payout, ProcessorBalance
from billing.payouts.queries import not_made_up_for
from billing.providers.events import Booking
from disputes.chargebacks.models import OWED, Dispute
from disputes.reviews.models import Review
from portal.web.methods import method_text
from portal.web.movements import movement_words
from portal.web.reasons import DISPUTE_REASONS, words_of

Text = str | Promise
# What signals name when any of this changed: commands by the kind of what they make.
LIVE = "dsp pay pyt rev blt ref cap can"


@dataclass(frozen=True, slots=True)
class Waiting:
    """One row. ``status`` names a kind and a value of reports.status; ``moment`` is what the list is sorted by, and
    ``place`` stands on which payment's page it is: a public id and an anchor, empty for what has no such page. What is
    a ``command`` has a page of its own, for those who may see such."""

    public_id: str
    merchant: Any
    livemode: bool
    status: tuple[str, str]
    what: str
    detail: str
    amount: int
    currency: str
    moment: datetime | None
    place: tuple[str, str] = ("", "")
    command: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """``moment`` is the column that decides the order; with ``soonest_first`` it is a deadline."""

    label: Text
    sentence: Text
    family: str
    find: Callable[[], QuerySet[Any]]
    row: Callable[[Any], Waiting]
    moment: str = "created_at"
    soonest_first: bool = False
    heading: Text = ""


def rows_of(name: str, *, livemode: bool | None = None, merchant: str = "") -> QuerySet[Any]:
    """All rows of that kind, of one mode or one merchant (by its short name) where asked."""
    rows = KINDS[name].find()
    if livemode is not None:
        rows = rows.filter(livemode=livemode)
    return rows.filter(merchant__slug=merchant) if merchant else rows


def _owed() -> QuerySet[Any]:
    # Without a deadline no answer is possible.
    return Dispute.objects.filter(provider_status__in=OWED, due_by__isnull=False)


def _due_within(time: timedelta) -> QuerySet[Any]:
    now = clock.now()
    return _owed().filter(due_by__gte=now, due_by__lt=now + time)


def _held() -> QuerySet[Any]:
    # Reviews are few and payments are many.
    reviewed = Review.objects.filter(is_open=True).values("payment")
    return Payment.objects.filter(status=PaymentStatus.HELD, pk__in=reviewed)


def _failed_payouts() -> QuerySet[Any]:
    return Payout.objects.filter(not_made_up_for())


def _to_place() -> QuerySet[Any]:
    return BalanceTransaction.objects.filter(booking=Booking.UNKNOWN)


def _differing() -> QuerySet[Any]:
    return ProcessorBalance.objects.differing().select_related("account")


def _dispute(dispute: Dispute) -> Waiting:
    payment, due = dispute.payment, dispute.due_by
    return Waiting(
        public_id=dispute.public_id,
        merchant=dispute.merchant,
        livemode=dispute.livemode,
        status=("dispute", "past_due" if due and due < clock.now() else dispute.provider_status),
        what=words_of(dispute.reason, DISPUTE_REASONS) or gettext("no reason given"),
        detail=str(method_text(payment.method_type, payment.brand, payment.last4)),
        amount=dispute.amount,
        currency=dispute.currency,
        moment=due,
        place=(payment.public_id, f"#{dispute.public_id}"),
    )


def _payment(payment: Payment) -> Waiting:
    return Waiting(
        public_id=payment.public_id,
        merchant=payment.merchant,
        livemode=payment.livemode,
        status=("payment", payment.status),
        what=str(method_text(payment.method_type, payment.brand, payment.last4)) or gettext("Payment"),
        detail=payment.public_id,
        amount=payment.amount,
        currency=payment.currency,
        moment=payment.created_at,
        place=(payment.public_id, ""),
    )


def _command(command: MoneyCommand) -> Waiting:
    return Waiting(
        public_id=command.public_id,
        merchant=command.merchant,
        livemode=command.livemode,
        status=("doubt", doubt_of(command)),
        what=command.get_kind_display(),
        detail=command.public_id,
        amount=command.amount,
        currency=command.currency,
        moment=command.since,  # type: ignore[attr-defined]
        place=(command.payment.public_id, ""),
        command=command.public_id,
    )


def _payout(payout: Payout) -> Waiting:
    return Waiting(
        public_id=payout.public_id,
        merchant=payout.merchant,
        livemode=payout.livemode,
        status=("payout", payout.provider_status),
        what=payout.failure_code.replace("_", " ") or gettext("no reason given"),
        detail=payout.public_id,
        amount=payout.amount,
        currency=payout.currency,
        moment=payout.created_at,
    )


def _movement(movement: BalanceTransaction) -> Waiting:
    return Waiting(
        public_id=movement.public_id,
        merchant=movement.merchant,
        livemode=movement.livemode,
        status=("movement", movement.status),
        what=movement_words(movement.type, movement.reporting_category),
        detail=movement.external_id,
        amount=movement.amount,
        currency=movement.currency,
        moment=movement.created_at,
    )


def _balance(row: ProcessorBalance) -> Waiting:
    """The larger of the two differences; the sentence tells of its cause."""
    differences = (row.available_difference, row.pending_difference)
    return Waiting(
        public_id=f"{row.account.public_id}-{row.currency}",
        merchant=row.merchant,
        livemode=row.livemode,
        status=("reconciliation", "open"),
        what=str(row.get_cause_display()),
        detail=gettext("Available") if abs(differences[0]) >= abs(differences[1]) else gettext("Pending"),
        amount=max(differences, key=abs),
        currency=row.currency,
        moment=row.differs_since,
    )


_DUE: dict[str, Any] = {"row": _dispute, "moment": "due_by", "soonest_first": True, "heading": _("Answer by")}
KINDS: Mapping[str, Kind] = {
    "past-due": Kind(
        _("Disputes past due"),
        _("The deadline passed while a response was still owed."),
        "danger",
        lambda: _owed().filter(due_by__lt=clock.now()),
        **_DUE,
    ),
    "due-in-24-hours": Kind(
        _("Due within 24 hours"),
        _("Disputes that need a response before this time tomorrow."),
        "danger",
        lambda: _due_within(timedelta(hours=24)),
        **_DUE,
    ),
    "due-in-7-days": Kind(
        _("Due within 7 days"),
        _("Disputes that need a response within a week, those of the next 24 hours included."),
        "warn",
        lambda: _due_within(timedelta(days=7)),
        **_DUE,
    ),
    "disputes": Kind(
        _("Disputes to answer"),
        _("All disputes that still need a response, whenever it is due."),
        "warn",
        _owed,
        **_DUE,
    ),
    "held": Kind(_("Held for review"), _("Payments that wait for the decision of a review."), "warn", _held, _payment),
    "unclear": Kind(
        _("Unclear money requests"),
        _("Requests to a processor of which nobody knows what came, or that do not go on by themselves."),
        "danger",
        lambda: in_doubt().select_related("payment"),
        _command,
        moment="since",
        soonest_first=True,
        heading=_("Since"),
    ),
    "failed-payouts": Kind(
        _("Failed payouts"),
        _("Payouts that did not reach the bank account, and none since then did."),
        "danger",
        _failed_payouts,
        _payout,
    ),
    "to-place": Kind(
        _("Movements to place"),
        _("Movements of a kind that is not known here. They stand in the balance and in no account of their own."),
        "danger",
        _to_place,
        _movement,
    ),
    "balances": Kind(
        _("Balances that differ"),
        _("Balances that are not what the processor says, where all of its movements were read."),
        "danger",
        _differing,
        _balance,
        moment="differs_since",
        heading=_("Since"),
    ),
}
