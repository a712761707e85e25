"""What a repair of the mirror changed, in plain words and without anything personal."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from billing.payments.models import PaymentActivity
from billing.webhooks.handlers import Source
from reports.dates import datetime_text
from reports.status import our_word
from reports.templatetags.money import money_plain

# So many are told in full.
_MOST = 4
_OPENINGS: Mapping[str, str | Promise] = {
    Source.REFETCH: _("Corrected after asking %(provider)s: %(changes)s"),
    Source.DRIFT: _("Repaired after comparing with %(provider)s: %(changes)s"),
    Source.BACKFILL: _("Repaired while reading everything from %(provider)s: %(changes)s"),
}
MONEY: Mapping[str, str | Promise] = {
    "amount": _("amount"),
    "amount_captured": _("amount captured"),
    "amount_received": _("amount received"),
    "amount_refunded": _("amount refunded"),
    "amount_withdrawn": _("amount withdrawn"),
    "fee": _("fee"),
}
_STATES: Mapping[str, str | Promise] = {
    "status": _("status"),
    "provider_status": _("status"),
    "captured": _("captured"),
    "cancellation_reason": _("reason of the cancellation"),
    "failure_code": _("failure code"),
    "decline_code": _("decline code"),
    "failure_reason": _("reason of the failure"),
    "pending_reason": _("reason of the delay"),
    "reason": _("reason"),
    "arn": _("bank reference"),
    "due_by": _("time to answer"),
    "has_evidence": _("evidence present"),
    "past_due": _("past due"),
    "submission_count": _("times submitted"),
    "is_charge_refundable": _("refundable"),
    "actionable": _("can be acted on"),
    "is_open": _("open"),
    "closed_reason": _("outcome"),
    "risk_level": _("risk level"),
    "risk_score": _("risk score"),
    "currency": _("currency"),
}
# Told by name alone: the values are long, or tell of a person.
_NAMES: Mapping[str, str | Promise] = {
    "customer_name": _("customer's name"),
    "customer_email": _("customer's e-mail"),
    "receipt_email": _("customer's e-mail"),
    "customer_id": _("customer"),
    "customer_external_id": _("customer"),
    "payment_id": _("the payment that it belongs to"),
    "charge_id": _("the charge that it belongs to"),
    "created_at": _("time of creation"),
    "balance_transaction_id": _("balance transaction"),
    "balance_transaction_ids": _("balance transactions"),
}


def repair_words(activity: PaymentActivity, *, provider: str, zone: tzinfo) -> str:
    """``Repaired after comparing with Stripe: amount refunded was 0.00 EUR, is 12.30 EUR``."""
    told = [_change(name, before, after, activity.currency, zone) for name, before, after in activity.changes]
    # What moves money first.
    shown = [text for _rank, text in sorted(told, key=lambda each: each[0])][:_MOST]
    if len(told) > _MOST:
        more = len(told) - _MOST
        shown.append(ngettext("%(n)d more field", "%(n)d more fields", more) % {"n": more})
    opening = _OPENINGS.get(activity.source, _OPENINGS[Source.DRIFT])
    return str(opening) % {"provider": provider, "changes": "; ".join(shown)}


def _change(name: str, before: Any, after: Any, currency: str, zone: tzinfo) -> tuple[int, str]:
    if name in MONEY and currency and isinstance(before, int) and isinstance(after, int):
        pair = {"was": money_plain(before, currency), "is": money_plain(after, currency)}
        return 0, gettext("%(field)s was %(was)s, is %(is)s") % {"field": MONEY[name], **pair}
    if name in _STATES:
        pair = {"was": _value(before, zone), "is": _value(after, zone)}
        return 1, gettext("%(field)s was %(was)s, is %(is)s") % {"field": _STATES[name], **pair}
    field = _NAMES.get(name) or MONEY.get(name) or name.replace("_", " ")
    return 2, gettext("%(field)s changed") % {"field": field}


def _value(value: Any, zone: tzinfo) -> str:
    if value is None or value == "":
        return gettext("empty")
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, int):
        return str(value)
    moment = _moment(str(value))
    return datetime_text(moment, zone) if moment else our_word(str(value)).replace("_", " ")


def _moment(text: str) -> datetime | None:
    """A time as it was written down; None for any other text."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None
