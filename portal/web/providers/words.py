"""What people read about scopes, runs and findings."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from billing.providers import scopes
from billing.providers.base import Kind
from portal.web.kept_words import in_words

Text = str | Promise

# What a key reads, and what for; in the order of billing.providers.scopes.
_SCOPES: Mapping[str, tuple[Text, Text]] = {
    Kind.INTENT: (_("Payment intents"), _("payments and their status")),
    Kind.CHARGE: (_("Charges"), _("attempts, declines and captures")),
    Kind.REFUND: (_("Refunds"), _("what went back, and whether it arrived")),
    Kind.DISPUTE: (_("Disputes"), _("chargebacks and their deadlines")),
    Kind.PAYOUT: (_("Payouts"), _("what reaches the bank account")),
    Kind.BALANCE_TRANSACTION: (_("Balance transactions"), _("fees, net amounts, and what a payout is made of")),
    "events": (_("Events"), _("finding events that never arrived")),
    Kind.CUSTOMER: (_("Customers"), _("who paid")),
    Kind.PAYMENT_METHOD: (_("Payment methods"), _("stored cards of customers")),
    Kind.INVOICE: (_("Invoices"), _("invoices that were made at the processor")),
    Kind.WARNING: (_("Early fraud warnings"), _("refunding before a dispute is opened")),
    Kind.REVIEW: (_("Reviews"), _("payments that the processor holds for a review")),
    "account": (_("Account"), _("showing its name, and telling accounts apart")),
}
_OBJECTS: Mapping[str, Text] = {
    **{kind: label for kind, (label, _why) in _SCOPES.items()},
    "account": _("Accounts"),
}


@dataclass(frozen=True, slots=True)
class Scope:
    """``reason`` is why not, empty where the key may."""

    label: Text
    needed_for: Text
    reason: str
    essential: bool

    @property
    def allowed(self) -> bool:
        return not self.reason


def scopes_of(granted: Mapping[str, str]) -> list[Scope]:
    found = []
    for what in scopes.ordered(granted):
        label, why = _SCOPES.get(what, (object_words(what), ""))
        found.append(Scope(label, why, in_words(granted[what]), what in scopes.ESSENTIAL))
    return found


def object_words(kind: str) -> Text:
    """``balance_transaction`` as people call many of them."""
    return _OBJECTS.get(kind) or kind.replace("_", " ").replace(".", " ").capitalize()


def left_words(seconds: int) -> str:
    """``about 4 minutes left``; rounded up, because a promise that is kept early annoys nobody."""
    if seconds < 60:
        return gettext("less than a minute left")
    minutes = -(-seconds // 60)
    if minutes < 60:
        return ngettext("about %(n)d minute left", "about %(n)d minutes left", minutes) % {"n": minutes}
    hours = -(-minutes // 60)
    return ngettext("about %(n)d hour left", "about %(n)d hours left", hours) % {"n": hours}
