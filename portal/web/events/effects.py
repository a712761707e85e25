"""What events did, in words, with the way to the payment that it shows on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from billing.mirror import registry
from billing.payments.models import Payment
from billing.providers.base import Kind
from billing.webhooks.models import WebhookAttempt, WebhookEvent

Text = str | Promise

# By what happened and to which kind of object; the object's id follows.
_WORDS: dict[str, dict[str, Text]] = {
    "created": {
        "payment": _("Created payment"),
        "attempt": _("Created an attempt at payment"),
        "refund": _("Created refund"),
        "dispute": _("Created dispute"),
        "warning": _("Created early warning"),
        "review": _("Created review"),
        "customer": _("Created customer"),
        "payment_method": _("Created payment method"),
        "payout": _("Created payout"),
        "balance_transaction": _("Created balance transaction"),
        "invoice": _("Created invoice"),
    },
    "changed": {
        "payment": _("Changed payment"),
        "attempt": _("Changed an attempt at payment"),
        "refund": _("Changed refund"),
        "dispute": _("Changed dispute"),
        "warning": _("Changed early warning"),
        "review": _("Changed review"),
        "customer": _("Changed customer"),
        "payment_method": _("Changed payment method"),
        "payout": _("Changed payout"),
        "balance_transaction": _("Changed balance transaction"),
        "invoice": _("Changed invoice"),
    },
}
_PAYMENTS = ("payment", "attempt")
_OF_PAYMENTS = (Kind.REFUND, Kind.DISPUTE, Kind.WARNING, Kind.REVIEW)


@dataclass(frozen=True, slots=True)
class Told:
    """One effect. ``payment`` is the public id of the payment on whose page it shows, empty where there is none."""

    words: Text
    public_id: str
    payment: str


def effects_of(event: WebhookEvent, runs: Sequence[WebhookAttempt]) -> tuple[list[Told], dict[int, list[Told]]]:
    """Of the event as a whole, each object once, and by the number of its attempt."""
    payments = _payments(event, [effect for run in runs for effect in run.effects])
    by_run = {
        run.number: [_told(what, kind, public_id, payments) for what, kind, public_id in run.effects] for run in runs
    }
    whole: dict[str, Told] = {}
    for run in sorted(runs, key=lambda run: run.number):
        for told in by_run[run.number]:
            whole.setdefault(told.public_id, told)
    return list(whole.values()), by_run


def _told(what: str, kind: str, public_id: str, payments: dict[str, str]) -> Told:
    words = _WORDS.get(what, {}).get(kind) or f"{what} {kind}".replace("_", " ").capitalize()
    return Told(words, public_id, payments.get(public_id, ""))


def _payments(event: WebhookEvent, effects: Iterable[tuple[str, str, str]]) -> dict[str, str]:
    """The payments that objects belong to, by the objects' ids; a query for each kind that occurs."""
    ids: dict[str, set[str]] = {}
    for _what, kind, public_id in effects:
        ids.setdefault("payment" if kind in _PAYMENTS else kind, set()).add(public_id)
    found: dict[str, str] = {}
    if "payment" in ids:
        # One that was made for a charge alone is given up when the charge's intent is learnt.
        rows = Payment.objects.filter(account_id=event.account_id, public_id__in=ids["payment"])
        found.update((public_id, public_id) for public_id in rows.values_list("public_id", flat=True))
    for kind in _OF_PAYMENTS:
        if kind in ids:
            owned = registry.of(kind).rows.filter(account_id=event.account_id, public_id__in=ids[kind])
            found.update(owned.values_list("public_id", "payment__public_id"))
    return found
