"""What the timeline says of a payment itself and of the attempts at it."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext

from billing.payments.models import PaymentActivity, PaymentAttempt
from billing.refunds.released import Release
from portal.web.declines import Decline, decline_of
from portal.web.payments.follow_up_words import Told, kind_of
from reports.templatetags.money import money_plain


@dataclass(frozen=True, slots=True)
class Story:
    """What a line may need to know beside its own event."""

    attempts: dict[str, PaymentAttempt]
    refunded_by: dict[int, int]
    held: bool
    releases: Mapping[str, Release]


def story_of(
    oldest_first: Sequence[PaymentActivity], attempts: Sequence[PaymentAttempt], releases: Mapping[str, Release]
) -> Story:
    return Story(
        attempts={attempt.external_id: attempt for attempt in attempts},
        refunded_by=_single_refunds(oldest_first),
        held=_was_held(oldest_first, attempts),
        releases=releases,
    )


def payment_words(activity: PaymentActivity, story: Story) -> Told | None:
    """None where refunds with lines of their own tell it already; a type without words is told by its name."""
    if activity.type == "charge.refunded" and story.refunded_by.get(activity.pk) == 0:
        return None
    family, icon, words = _WORDS.get(activity.type, ("neutral", "circle-dot", lambda a, s: a.type))
    return family, icon, words(activity, story)


def attempt_decline(attempt: PaymentAttempt) -> Decline | None:
    blocked = "highest_risk_level" if attempt.outcome_type == "blocked" else ""
    return decline_of(blocked, attempt.decline_code, attempt.failure_code)


def _single_refunds(oldest_first: Sequence[PaymentActivity]) -> dict[int, int]:
    """The processor tells the sum of all refunds of a charge so far: what each event added to it, 0 where refunds with
    lines of their own make up the sum."""
    own: dict[str, dict[str, int]] = defaultdict(dict)
    for activity in oldest_first:
        if kind_of(activity.type) == "refund":
            own[activity.charge_id][activity.object_id] = activity.amount
    sums: dict[str, int] = defaultdict(int)
    added = {}
    for activity in oldest_first:
        if activity.type == "charge.refunded":
            told = sum(own[activity.charge_id].values()) >= activity.amount
            added[activity.pk] = 0 if told else activity.amount - sums[activity.charge_id]
            sums[activity.charge_id] = activity.amount
    return added


def _was_held(oldest_first: Sequence[PaymentActivity], attempts: Sequence[PaymentAttempt]) -> bool:
    """Whether the money was first held and captured later, if at all."""
    later = {"charge.captured", "payment_intent.amount_capturable_updated", "charge.expired"}
    return any(activity.type in later for activity in oldest_first) or any(
        attempt.status == "succeeded" and not attempt.captured for attempt in attempts
    )


def _amount(activity: PaymentActivity, story: Story) -> str:
    attempt = story.attempts.get(activity.charge_id)
    amount = activity.amount
    if activity.event is None and attempt is not None:
        # Read later than it happened: by then a part may have gone back.
        amount = attempt.amount_captured or attempt.amount
    return money_plain(amount, activity.currency)


def _charged(activity: PaymentActivity, story: Story) -> str:
    if story.held:
        return gettext("Authorised %(amount)s") % {"amount": _amount(activity, story)}
    return _captured(activity, story)


def _captured(activity: PaymentActivity, story: Story) -> str:
    return gettext("Captured %(amount)s") % {"amount": _amount(activity, story)}


def _declined(activity: PaymentActivity, story: Story) -> str:
    attempt = story.attempts.get(activity.charge_id)
    decline = attempt_decline(attempt) if attempt else None
    reason = str(decline.words) if decline else activity.note.rstrip(".") or gettext("no reason given")
    if attempt and attempt.outcome_type == "blocked":
        return gettext("Blocked: %(reason)s") % {"reason": reason}
    return gettext("Declined: %(reason)s") % {"reason": reason}


def _refunded(activity: PaymentActivity, story: Story) -> str:
    amount = story.refunded_by.get(activity.pk, activity.amount)
    if amount <= 0:
        return gettext("Refund updated")
    return gettext("Refunded %(amount)s") % {"amount": money_plain(amount, activity.currency)}


_Words = Callable[[PaymentActivity, Story], str]
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
