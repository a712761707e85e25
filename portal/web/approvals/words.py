"""What is said of requests for approval, and to those who may not decide on one."""

from collections.abc import Callable

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.approvals.decide import (
    AlreadyDecided,
    ApprovalExpired,
    MayNotDecide,
    OwnRequest,
    RequestChanged,
    SamePerson,
)
from billing.approvals.models import Approval, Cause, Decision
from billing.approvals.queries import is_waiting
from billing.commands.models import CommandKind
from billing.retry import StillLocked
from portal.web.busy import LIMIT_BUSY, PAYMENT_BUSY, PAYMENTS_BUSY
from portal.web.payments.called import asked_by, decided_by
from reports.dates import datetime_text
from reports.templatetags.money import money_plain

REFUSALS = (OwnRequest, SamePerson, MayNotDecide, AlreadyDecided, ApprovalExpired, RequestChanged, StillLocked)
# What only somebody else may do is forbidden; what is not as it was is a conflict.
_STATUSES: dict[type[Exception], int] = {OwnRequest: 403, SamePerson: 403, MayNotDecide: 403}
_BUSY = {Cause.LIMIT: LIMIT_BUSY, Cause.BATCH: PAYMENTS_BUSY}
# For a limit of nothing, of one payment, of a day.
_WHY = {
    CommandKind.REFUND: (
        _("%(who)s may refund nothing alone."),
        _("%(who)s may refund up to %(limit)s of one payment alone, all of 24 hours counted."),
        _("%(who)s may refund up to %(limit)s within 24 hours alone, what waits included."),
    ),
    CommandKind.CAPTURE: (
        _("%(who)s may capture nothing alone."),
        _("%(who)s may capture up to %(limit)s of one payment alone, all of 24 hours counted."),
        _("%(who)s may capture up to %(limit)s within 24 hours alone, what waits included."),
    ),
    CommandKind.CANCEL: (
        _("%(who)s may cancel nothing alone."),
        _("%(who)s may cancel up to %(limit)s of one payment alone, all of 24 hours counted."),
        _("%(who)s may cancel up to %(limit)s within 24 hours alone, what waits included."),
    ),
}


def status_value(approval: Approval) -> str:
    """Which word of STATUSES["approval"] fits: its time may be over before anybody has noted that."""
    is_over = approval.decision == Decision.PENDING and not is_waiting(approval)
    return Decision.EXPIRED.value if is_over else str(approval.decision)


def why_short(approval: Approval) -> str:
    """For a column: what makes a second person necessary."""
    limit = money_plain(approval.limit_amount, approval.currency)
    if approval.cause == Cause.LIMIT:
        return gettext("A limit takes two people")
    if approval.cause == Cause.BATCH:
        return gettext("Several payments at once")
    if not approval.limit_amount:
        return gettext("Nothing may be moved alone")
    if approval.cause == Cause.SINGLE:
        return gettext("Over %(limit)s a payment") % {"limit": limit}
    return gettext("Over %(limit)s a day") % {"limit": limit}


def why(approval: Approval) -> str:
    """The same as a sentence, with whom it is true of."""
    values = {"who": approval.requested_by, "limit": money_plain(approval.limit_amount, approval.currency)}
    if approval.cause == Cause.LIMIT:
        return gettext("A new limit always takes two people, whoever asks for it.")
    if approval.cause == Cause.BATCH:
        return gettext("Refunds of several payments at once always take two people, whatever they come to.")
    if approval.kind not in _WHY:
        return str(approval.get_cause_display())
    nothing, single, daily = _WHY[CommandKind(approval.kind)]
    text = nothing if not approval.limit_amount else single if approval.cause == Cause.SINGLE else daily
    return str(text) % values


def decided(approval: Approval, zone: object) -> str:
    """How it ended, by whom and when; empty for one that somebody can still decide."""
    if is_waiting(approval):
        return ""
    at = approval.decided_at or approval.expires_at
    who = decided_by(approval) or asked_by(approval)
    values = {"who": who, "at": datetime_text(at, zone)}  # type: ignore[arg-type]
    return _ENDED[Decision(status_value(approval))]() % values


_ENDED: dict[Decision, Callable[[], str]] = {
    Decision.APPROVED: lambda: gettext("%(who)s approved it on %(at)s."),
    Decision.REJECTED: lambda: gettext("%(who)s rejected it on %(at)s."),
    Decision.WITHDRAWN: lambda: gettext("%(who)s withdrew it on %(at)s."),
    Decision.EXPIRED: lambda: gettext(
        "Nobody decided before its time was over on %(at)s. It has to be asked for anew."
    ),
}


def why_not(refused: Exception, approval: Approval, zone: object) -> tuple[str, int]:
    """A sentence for one of REFUSALS, and the status of the answer; ``approval`` is as it is now."""
    return _sentence(refused, approval, zone), _STATUSES.get(type(refused), 409)


def _sentence(refused: Exception, approval: Approval, zone: object) -> str:
    match refused:
        case OwnRequest():
            return gettext("You asked for this yourself, so somebody else decides.")
        case SamePerson():
            return gettext("This account and %(who)s’s belong to the same person, so somebody else decides.") % {
                "who": approval.requested_by
            }
        case MayNotDecide():
            return gettext("Your role changed meanwhile and does not let you decide any more. Nothing was done.")
        case RequestChanged():
            return gettext("What was asked for is not what it was. Nothing was done: it has to be asked for anew.")
        case StillLocked():
            return str(_BUSY.get(Cause(approval.cause), PAYMENT_BUSY))
    ended = decided(approval, zone)
    if not ended:
        return gettext("What was asked for has ended meanwhile, so there is nothing left to decide.")
    return gettext("Nothing was done: it was decided before. %(ended)s") % {"ended": ended}
