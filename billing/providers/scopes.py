"""What a key may read, as a connection keeps it: by what was asked, empty where it is allowed, else why not."""

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext_noop as _

from billing.providers.base import Grant, Kind

# Without one of these the mirror of an account would be wrong or blind; without the others it is only poorer.
ESSENTIAL = frozenset(
    {Kind.INTENT, Kind.CHARGE, Kind.REFUND, Kind.DISPUTE, Kind.PAYOUT, Kind.BALANCE_TRANSACTION, "events"}
)
# As people call them, in the order in which they are told. Kept in English; pages translate.
WORDS: Mapping[str, str] = {
    Kind.INTENT: _("payment intents"),
    Kind.CHARGE: _("charges"),
    Kind.REFUND: _("refunds"),
    Kind.DISPUTE: _("disputes"),
    Kind.PAYOUT: _("payouts"),
    Kind.BALANCE_TRANSACTION: _("balance transactions"),
    "events": _("events"),
    Kind.CUSTOMER: _("customers"),
    Kind.PAYMENT_METHOD: _("payment methods"),
    Kind.INVOICE: _("invoices"),
    Kind.WARNING: _("early fraud warnings"),
    Kind.REVIEW: _("reviews"),
    "account": _("the account itself"),
}


def as_kept(grants: Iterable[Grant]) -> dict[str, str]:
    """For ProviderAccount.granted."""
    return {str(grant.what): "" if grant.allowed else grant.reason or "refused" for grant in grants}


def missing(granted: Mapping[str, str]) -> list[str]:
    """What was asked for and refused, in the order of WORDS."""
    return [what for what in ordered(granted) if granted[what]]


def essential_missing(granted: Mapping[str, str]) -> list[str]:
    return [what for what in missing(granted) if what in ESSENTIAL]


def ordered(granted: Mapping[str, str]) -> list[str]:
    """All that was asked for; what this version has no word for comes last."""
    return [*(str(what) for what in WORDS if what in granted), *sorted(granted.keys() - WORDS.keys())]


def in_words(whats: Iterable[str]) -> str:
    """``charges, refunds and events``."""
    words = [WORDS.get(what, what.replace("_", " ")) for what in whats]
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
