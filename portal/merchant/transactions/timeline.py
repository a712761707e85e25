"""What happened to a payment, told in plain words from the processor's events."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext

from billing.payments.models import PaymentActivity, PaymentAttempt
from billing.payments.queries import PaymentRecord
from portal.web.declines import Decline, decline_of
from reports.templatetags.money import money_plain

# Within one second the processor's times do not tell what came first.
_SEQUENCE = (
    *("payment_intent.created", "payment_intent.requires_action", "payment_intent.processing", "charge.pending"),
    *("charge.failed", "payment_intent.payment_failed", "charge.succeeded"),
    *("payment_intent.amount_capturable_updated", "charge.captured", "payment_intent.succeeded", "charge.updated"),
    *("charge.expired", "charge.refunded", "payment_intent.canceled"),
)
_RANK = {name: rank for rank, name in enumerate(_SEQUENCE)}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the timeline, with the ids of the event behind it: ours and the processor's."""

    family: str
    icon: str
    what: str
    at: datetime
    event_id: str
    external_id: str


@dataclass(frozen=True, slots=True)
class _Story:
    """What a line may need to know beside its own event."""

    attempts: dict[str, PaymentAttempt]
    refunded_by: dict[int, int]
    held: bool


def tell(record: PaymentRecord) -> list[Line]:
    """Newest first."""
    oldest_first = sorted(
        record.activity, key=lambda line: (line.occurred_at, _RANK.get(line.type, len(_RANK)), line.pk)
    )
    story = _Story(
        attempts={attempt.external_id: attempt for attempt in record.attempts},
        refunded_by=_single_refunds(oldest_first),
        held=_was_held(oldest_first, record.attempts),
    )
    return [_line(each, story) for each in reversed(oldest_first)]


def _line(activity: PaymentActivity, story: _Story) -> Line:
    family, icon, words = _WORDS.get(activity.type, ("neutral", "circle-dot", lambda a, s: a.type))
    return Line(
        family=family,
        icon=icon,
        what=words(activity, story),
        at=activity.occurred_at,
        event_id=activity.event.public_id if activity.event else "",
        external_id=activity.event.external_id if activity.event else "",
    )


def attempt_decline(attempt: PaymentAttempt) -> Decline | None:
    blocked = "highest_risk_level" if attempt.outcome_type == "blocked" else ""
    return decline_of(blocked, attempt.decline_code, attempt.failure_code)


def _single_refunds(oldest_first: Sequence[PaymentActivity]) -> dict[int, int]:
    """The processor tells the sum of all refunds of a charge so far: what each event added to it."""
    sums: dict[str, int] = defaultdict(int)
    added = {}
    for activity in oldest_first:
        if activity.type == "charge.refunded":
            added[activity.pk] = activity.amount - sums[activity.charge_id]
            sums[activity.charge_id] = activity.amount
    return added


def _was_held(oldest_first: Sequence[PaymentActivity], attempts: Sequence[PaymentAttempt]) -> bool:
    """Whether the money was first held and captured later, if at all."""
    later = {"charge.captured", "payment_intent.amount_capturable_updated", "charge.expired"}
    return any(activity.type in later for activity in oldest_first) or any(
        attempt.status == "succeeded" and not attempt.captured for attempt in attempts
    )


def _amount(activity: PaymentActivity) -> str:
    return money_plain(activity.amount, activity.currency)


def _charged(activity: PaymentActivity, story: _Story) -> str:
    if story.held:
        return gettext("Authorised %(amount)s") % {"amount": _amount(activity)}
    return _captured(activity, story)


def _captured(activity: PaymentActivity, story: _Story) -> str:
    return gettext("Captured %(amount)s") % {"amount": _amount(activity)}


def _declined(activity: PaymentActivity, story: _Story) -> str:
    attempt = story.attempts.get(activity.charge_id)
    decline = attempt_decline(attempt) if attempt else None
    reason = str(decline.words) if decline else activity.note.rstrip(".") or gettext("no reason given")
    if attempt and attempt.outcome_type == "blocked":
        return gettext("Blocked: %(reason)s") % {"reason": reason}
    return gettext("Declined: %(reason)s") % {"reason": reason}


def _refunded(activity: PaymentActivity, story: _Story) -> str:
    amount = story.refunded_by.get(activity.pk, activity.amount)
    if amount <= 0:
        return gettext("Refund updated")
    return gettext("Refunded %(amount)s") % {"amount": money_plain(amount, activity.currency)}


_Words = Callable[[PaymentActivity, _Story], str]
_WORDS: dict[str, tuple[str, str, _Words]] = {
    "payment_intent.created": ("neutral", "circle-dot", lambda a, s: gettext("Created")),
    "payment_intent.requires_action": (
        *("info", "clock"),
        lambda a, s: gettext("Waiting for the customer to confirm"),
    ),
    "payment_intent.processing": ("info", "clock", lambda a, s: gettext("Being processed")),
    "payment_intent.payment_failed": ("danger", "x", lambda a, s: gettext("Payment not completed")),
    "payment_intent.amount_capturable_updated": ("info", "clock", lambda a, s: gettext("Ready to be captured")),
    "payment_intent.succeeded": ("ok", "check", lambda a, s: gettext("Payment completed")),
    "payment_intent.canceled": ("neutral", "circle-x", lambda a, s: gettext("Cancelled")),
    "charge.pending": ("info", "send", lambda a, s: gettext("Sent to the bank")),
    "charge.failed": ("danger", "x", _declined),
    "charge.succeeded": ("ok", "check", _charged),
    "charge.captured": ("ok", "check", _captured),
    "charge.updated": ("neutral", "refresh", lambda a, s: gettext("Details updated")),
    "charge.expired": ("neutral", "clock", lambda a, s: gettext("Authorisation expired")),
    "charge.refunded": ("special", "arrow-back-up", _refunded),
}
