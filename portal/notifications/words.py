"""What a notice says, in the language that is active, and the page it leads to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.approvals.models import Decision
from billing.refunds.models import RefundStatus
from portal.notifications.kinds import (
    APPROVAL_DECIDED,
    APPROVAL_NEEDED,
    COMMAND_DONE_AFTER_ALL,
    COMMAND_FAILED,
    REFUND_BY_STAFF,
    REFUND_FAILED,
)
from portal.notifications.models import Notice
from portal.web.reasons import REFUND_FAILURES, words_of
from reports.dates import datetime_text
from reports.templatetags.money import money_plain

_LIMIT = "limit"
_WHAT: Mapping[str, Promise] = {
    "refund": _("refund of %(money)s"),
    "refund_batch": _("refund of several payments, %(money)s"),
    "capture": _("capture of %(money)s"),
    "cancel": _("cancellation of %(money)s"),
    _LIMIT: _("change of a limit"),
}
_DECIDED: Mapping[str, Promise] = {
    Decision.APPROVED: _("Approved: %(what)s"),
    Decision.REJECTED: _("Rejected: %(what)s"),
    Decision.EXPIRED: _("Expired without a decision: %(what)s"),
    Decision.WITHDRAWN: _("Withdrawn by somebody else: %(what)s"),
}
_AFTER: Mapping[str, Promise] = {
    Decision.APPROVED: _("It goes on by itself."),
    Decision.REJECTED: _("Nothing was sent. The page says why."),
    Decision.EXPIRED: _("Nothing was sent. Ask again if it is still wanted."),
    Decision.WITHDRAWN: _("Nothing was sent. The page says by whom."),
}
# The processor never hears of a limit.
_AFTER_LIMIT: Mapping[str, Promise] = {
    Decision.APPROVED: _("The new limit took effect with the approval."),
    Decision.REJECTED: _("The limit stayed as it was. The page says why."),
    Decision.EXPIRED: _("The limit stayed as it was. Ask again if it is still wanted."),
    Decision.WITHDRAWN: _("The limit stayed as it was. The page says by whom."),
}


@dataclass(frozen=True, slots=True)
class Words:
    """``title`` in one line, ``text`` in a sentence or two. Neither names a buyer."""

    title: str
    text: str


def words(notice: Notice, zone: tzinfo) -> Words:
    """Times in that zone."""
    return _SAID[notice.kind](notice.facts, zone)


def page_of(notice: Notice) -> str:
    """The path of the page where it can be seen or decided, for whoever was told."""
    facts, merchant = notice.facts, notice.merchant
    about_approval = notice.kind == APPROVAL_NEEDED or facts["about"] == _LIMIT
    if notice.as_staff:
        if about_approval:
            return f"/ops/approvals/{notice.object_id}/"
        payment = f"/ops/transactions/{facts['payment']}/"
        return f"{payment}refunds/{facts['object']}/" if facts["about"] == "refund" else payment
    root = f"/m/{merchant.slug}/{'live' if notice.livemode else 'test'}"
    if about_approval:
        return f"{root}/approvals/{notice.object_id}/"
    if facts["about"] == "refund_batch":
        return f"{root}/refunds/batches/{facts['object']}/"
    if facts["about"] == "refund":
        return f"{root}/refunds/{facts['object']}/"
    return f"{root}/transactions/{facts['payment']}/"


def reference_of(notice: Notice) -> str:
    """Our name for what it is about."""
    return str(notice.facts.get("object") or notice.object_id)


def _what(facts: Mapping[str, Any]) -> str:
    return str(_WHAT[facts["about"]]) % {"money": money_plain(facts.get("amount"), facts.get("currency", ""))}


def _needed(facts: Mapping[str, Any], zone: tzinfo) -> Words:
    until = datetime_text(datetime.fromisoformat(facts["expires_at"]), zone)
    text = (
        gettext("The limit stays as it is until somebody approves it. The request expires on %(until)s (%(zone)s).")
        if facts["about"] == _LIMIT
        else gettext("Nothing is sent until somebody approves it. It expires on %(until)s (%(zone)s).")
    )
    return Words(
        gettext("Waits for approval: %(what)s") % {"what": _what(facts)},
        text % {"until": until, "zone": str(zone)},
    )


def _decided(facts: Mapping[str, Any], zone: tzinfo) -> Words:
    decision, after = facts["decision"], _AFTER_LIMIT if facts["about"] == _LIMIT else _AFTER
    return Words(str(_DECIDED[decision]) % {"what": _what(facts)}, str(after[decision]))


def _by_staff(facts: Mapping[str, Any], zone: tzinfo) -> Words:
    return Words(
        gettext("Approved by the platform’s staff: %(what)s") % {"what": _what(facts)},
        gettext("Somebody of the platform’s staff asked for it and another of them approved it. The page says who."),
    )


def _not_carried_out(facts: Mapping[str, Any], zone: tzinfo) -> Words:
    if facts["about"] == "refund_batch":
        return Words(
            gettext("Not all carried out: %(what)s") % {"what": _what(facts)},
            gettext("Some or all of it was not carried out, and of that no money moved. The page says which, and why."),
        )
    return Words(
        gettext("Not carried out: %(what)s") % {"what": _what(facts)},
        gettext("The processor did nothing, and no money moved. The page says why."),
    )


def _done_after_all(facts: Mapping[str, Any], zone: tzinfo) -> Words:
    return Words(
        gettext("Carried out after all: %(what)s") % {"what": _what(facts)},
        gettext("It counted as not carried out, but the processor has done it. Do not ask for it again."),
    )


def _came_back(facts: Mapping[str, Any], zone: tzinfo) -> Words:
    why = words_of(facts.get("why", ""), REFUND_FAILURES) or gettext("the processor gives no reason")
    if facts.get("status") == RefundStatus.CANCELED:
        title = gettext("Cancelled at the processor: %(what)s")
    else:
        title = gettext("Failed after it was sent: %(what)s")
    # Of older notices it is not known.
    if facts.get("left", True):
        text = gettext("The customer did not get the money, and it is back in your balance: %(why)s.")
    else:
        text = gettext("The customer did not get the money, which had not left your balance: %(why)s.")
    return Words(title % {"what": _what(facts)}, text % {"why": why})


_SAID = {
    APPROVAL_NEEDED: _needed,
    APPROVAL_DECIDED: _decided,
    COMMAND_FAILED: _not_carried_out,
    COMMAND_DONE_AFTER_ALL: _done_after_all,
    REFUND_BY_STAFF: _by_staff,
    REFUND_FAILED: _came_back,
}
