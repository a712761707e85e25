"""What changed with an act, field by field, as people read it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.access.roles import MerchantRole, StaffRole
from billing.audit.models import AuditEvent
from billing.limits.models import Action
from billing.refunds.models import ReceiptKind
from billing.refunds.reasons import RefundReason
from billing.sync.models import RunKind
from portal.web.kept_words import in_words
from portal.web.saved_views.models import ListKind
from reports.dates import datetime_text
from reports.status import STATUSES
from reports.templatetags.money import money_plain

Text = str | Promise

FIELDS: Mapping[str, Text] = {
    "account": _("account"),
    "accounts": _("accounts"),
    "action": _("acts"),
    "amount": _("amount"),
    "approval": _("approval"),
    "at": _("at"),
    "attempts": _("attempts"),
    "audience": _("for whom"),
    "because": _("because"),
    "cancel": _("cancellation"),
    "capture": _("capture"),
    "codes": _("codes"),
    "codes_left": _("codes left"),
    "count": _("how many"),
    "currency": _("currency"),
    "customer": _("customer"),
    "daily": _("in 24 hours"),
    "decision": _("decision"),
    "default_currency": _("currency"),
    "demonstration": _("for a demonstration"),
    "device": _("device"),
    "digest": _("digest"),
    "email": _("e-mail"),
    "events": _("events"),
    "external_id": _("processor id"),
    "failure_code": _("processor’s word"),
    "failure_message": _("why not"),
    "filters": _("filters"),
    "finding": _("finding"),
    "for": _("for whom"),
    "key": _("key"),
    "kind": _("kind"),
    "left": _("left"),
    "limit": _("limit"),
    "list": _("list"),
    "livemode": _("mode"),
    "merchant": _("merchant"),
    "missing": _("missing permissions"),
    "mode": _("mode"),
    "name": _("name"),
    "payment": _("payment"),
    "payments": _("payments"),
    "person": _("person"),
    "platform": _("platform"),
    "reason": _("reason"),
    "refund": _("refund"),
    "refused": _("refused"),
    "resealed": _("sealed anew"),
    "role": _("role"),
    "row": _("row"),
    "rows": _("rows"),
    "run": _("run"),
    "secret": _("secret"),
    "sessions": _("sessions"),
    "sha256": "SHA-256",
    "shared": _("shared"),
    "since": _("since"),
    "single": _("of one payment"),
    "slug": _("short name"),
    "state": _("state"),
    "status": _("status"),
    "subjects": _("about"),
    "timezone": _("time zone"),
    "until": _("until"),
    "webhook_secret": _("webhook secret"),
}
# What tells most stands first; of an act with many fields a list shows one.
_FIRST = (
    *(
        "amount",
        "decision",
        "role",
        "status",
        "state",
        "refused",
        "missing",
        "finding",
        "row",
        "name",
        "email",
        "person",
        "key",
        "secret",
        "account",
    ),
    *("payment", "customer", "count", "events", "rows", "list", "kind", "run", "since", "until"),
)
_RANK = {name: rank for rank, name in enumerate(_FIRST)}
_AMOUNTS = ("amount", "single", "daily")
_MODES: Mapping[str, Text] = {"live": _("Live"), "test": _("Test")}
_WORDS: Mapping[str, Mapping[str, Text]] = {
    "mode": _MODES,
    "action": dict(Action.choices),
    "audience": {"staff": _("Staff only"), "merchant_and_staff": _("Merchant and staff")},
    "decision": {value: known.label for value, known in STATUSES["approval"].items()},
    "kind": {**dict(RunKind.choices), **dict(ReceiptKind.choices)},
    "list": dict(ListKind.choices),
    "reason": dict(RefundReason.choices),
    "state": {value: known.label for value, known in STATUSES["command"].items()},
    "status": {value: known.label for value, known in STATUSES["connection"].items()},
    "for": {"team": _("the team"), "person": _("one person")},
}
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d.*")


@dataclass(frozen=True, slots=True)
class Change:
    """One field; ``before`` and ``after`` are empty where it was not, or is no more."""

    field: Text
    before: str
    after: str


def changes(event: AuditEvent, zone: tzinfo, people: Mapping[str, Text] | None = None) -> list[Change]:
    """What tells most first; times in that zone. ``people`` are names by what the trail calls them."""
    currency = {**(event.before or {}), **(event.after or {})}.get("currency")
    before, after = (_with_money(each or {}, currency) for each in (event.before, event.after))
    # Roles of the platform's staff are called otherwise than those of a merchant's people.
    words = {**_WORDS, "person": people or {}}
    words["role"] = dict(StaffRole.choices if event.merchant_id is None else MerchantRole.choices)
    names = sorted({*before, *after}, key=lambda name: _place(name, before, after))
    return [
        Change(
            field_text(name),
            value_text(name, before[name], zone, words) if name in before else "",
            value_text(name, after[name], zone, words) if name in after else "",
        )
        for name in names
    ]


def _with_money(fields: Mapping[str, Any], currency: object) -> Mapping[str, Any]:
    """Minor units mean nothing without their currency: the two are one field."""
    amounts = {name: fields[name] for name in _AMOUNTS if isinstance(fields.get(name), int)}
    if not amounts or not isinstance(currency, str):
        return fields
    others = {name: value for name, value in fields.items() if name != "currency"}
    return {**others, **{name: money_plain(minor, currency) for name, minor in amounts.items()}}


def _place(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[bool, int, str]:
    # That nothing was refused, where nothing was before, is the last thing to say.
    says_little = not (before.get(name) or after.get(name))
    return says_little, _RANK.get(name, len(_RANK)), name


def field_text(name: str) -> Text:
    """A field nobody described is shown as it is recorded."""
    return FIELDS.get(name, name)


def value_text(name: str, value: Any, zone: tzinfo, words: Mapping[str, Mapping[str, Text]] = _WORDS) -> str:
    """What a field holds, in words where there are some."""
    if value is None or value == "":
        return gettext("nothing")
    if isinstance(value, bool):
        if name == "livemode":
            return str(_MODES["live" if value else "test"])
        return gettext("yes") if value else gettext("no")
    if isinstance(value, list):
        return ", ".join(value_text(name, each, zone, words) for each in value) or gettext("nothing")
    if isinstance(value, dict):
        inside = (f"{field_text(key)} {value_text(key, each, zone, words)}" for key, each in value.items())
        return ", ".join(inside) or gettext("nothing")
    if name == "finding":
        return in_words(str(value))
    known = words.get(name, {}).get(str(value))
    return str(known) if known is not None else _moment(str(value), zone)


def _moment(text: str, zone: tzinfo) -> str:
    """A time in the zone; any other text as it is."""
    try:
        moment = datetime.fromisoformat(text) if _MOMENT.fullmatch(text) else None
    except ValueError:
        return text
    return datetime_text(moment, zone, seconds=True) if moment and moment.tzinfo else text
