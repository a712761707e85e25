"""What the timeline says of refunds, disputes, warnings and reviews: each state of one is told once."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.payments.models import PaymentActivity
from billing.refunds.released import Release
from portal.web.payments.released import released_line
from portal.web.reasons import DISPUTE_REASONS, FRAUD_TYPES, REFUND_FAILURES, REVIEW_CLOSED, REVIEW_OPENED, words_of
from reports.status import our_word
from reports.templatetags.money import money_plain

Told = tuple[str, str, str]
"""Family, icon, words."""
_Pattern = tuple[str, str, str | Promise]

# "%(amount)s" and "%(reason)s" are filled in.
_REFUND: Mapping[str, _Pattern] = {
    "pending": ("info", "send", _("Refund of %(amount)s started")),
    "requires_action": ("warn", "alert-triangle", _("Refund of %(amount)s needs details from the customer")),
    "succeeded": ("ok", "check", _("Refund of %(amount)s succeeded")),
    "failed": ("danger", "x", _("Refund of %(amount)s failed: %(reason)s")),
    "cancelled": ("neutral", "circle-x", _("Refund of %(amount)s cancelled")),
}
_DISPUTE: Mapping[str, _Pattern] = {
    "warning_needs_response": ("warn", "message", _("Inquiry opened over %(amount)s: %(reason)s")),
    "warning_under_review": ("info", "clock", _("Inquiry under review")),
    "inquiry_closed": ("neutral", "circle-check", _("Inquiry closed")),
    "needs_response": ("warn", "alert-triangle", _("Dispute opened over %(amount)s: %(reason)s")),
    "under_review": ("info", "clock", _("Dispute under review")),
    "appeal_needs_response": ("warn", "alert-triangle", _("Appeal – needs response")),
    "appeal_under_review": ("info", "clock", _("Appeal – under review")),
    "won": ("ok", "check", _("Dispute won – money returned to you")),
    "lost": ("danger", "x", _("Dispute lost – money stays with the customer")),
    "prevented": ("ok", "shield-check", _("Dispute prevented")),
}
_MOVED: Mapping[str, _Pattern] = {
    "charge.dispute.funds_withdrawn": ("danger", "arrow-down", _("Disputed %(amount)s withdrawn")),
    "charge.dispute.funds_reinstated": ("ok", "arrow-back-up", _("Disputed %(amount)s returned to you")),
}
_KINDS = (
    *(("refund.", "refund"), ("charge.refund.", "refund"), ("charge.dispute.", "dispute")),
    *(("radar.early_fraud_warning.", "warning"), ("review.", "review")),
)


def kind_of(type_: str) -> str:
    """``refund``, ``dispute``, ``warning``, ``review``; empty for events of the payment and its charges."""
    return next((kind for prefix, kind in _KINDS if type_.startswith(prefix)), "")


def follow_up_words(
    activity: PaymentActivity, kind: str, seen: str | None, releases: Mapping[str, Release]
) -> Told | None:
    """None where the line would say what was said before. ``seen`` is the status that was told of the object last."""
    release = releases.get(activity.object_id) if kind == "refund" else None
    if activity.type in _MOVED:
        return _filled(_MOVED[activity.type], activity, "")
    if seen == activity.status:
        return None
    if release is not None and seen is None:
        return "neutral", "arrow-back-up", released_line(release, money_plain(activity.amount, activity.currency))
    return {"refund": _refund, "dispute": _dispute, "warning": _warning, "review": _review}[kind](activity, seen)


def _refund(activity: PaymentActivity, seen: str | None) -> Told:
    status = our_word(activity.status)
    if status == "succeeded" and seen is None:
        return _filled(("special", "arrow-back-up", _("Refunded %(amount)s")), activity, "")
    pattern = _REFUND.get(status) or ("neutral", "circle-dot", _("Refund of %(amount)s: %(status)s"))
    reason = words_of(activity.note, REFUND_FAILURES) or gettext("no reason given")
    return _filled(pattern, activity, reason)


def _dispute(activity: PaymentActivity, seen: str | None) -> Told:
    pattern = _DISPUTE.get(our_word(activity.status)) or ("neutral", "scale", _("Dispute: %(status)s"))
    return _filled(pattern, activity, words_of(activity.note, DISPUTE_REASONS) or gettext("no reason given"))


def _warning(activity: PaymentActivity, seen: str | None) -> Told:
    if seen is not None:
        return "neutral", "shield", gettext("Early warning – for information only from here on")
    reason = words_of(activity.note, FRAUD_TYPES) or gettext("no reason given")
    return "warn", "shield", gettext("Early fraud warning: %(reason)s") % {"reason": reason}


def _review(activity: PaymentActivity, seen: str | None) -> Told:
    if activity.status == "open":
        reason = words_of(activity.note, REVIEW_OPENED) or gettext("no reason given")
        return "warn", "eye", gettext("Held for review at the processor: %(reason)s") % {"reason": reason}
    outcome = words_of(activity.note, REVIEW_CLOSED) or gettext("no reason given")
    family = "ok" if activity.note == "approved" else "neutral"
    return family, "shield-check", gettext("Review closed: %(reason)s") % {"reason": outcome}


def _filled(pattern: _Pattern, activity: PaymentActivity, reason: str) -> Told:
    family, icon, words = pattern
    amount = money_plain(activity.amount, activity.currency)
    status = activity.status.replace("_", " ")
    return family, icon, str(words) % {"amount": amount, "reason": reason, "status": status}
