"""Which objects are mirrored, who reads each, and which events tell of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from billing.providers.events import NeutralEvent
from billing.providers.stripe import accounts, customers, disputes, invoices, payments, payouts, radar, refunds
from billing.providers.stripe.fields import section, text


@dataclass(frozen=True, slots=True)
class Mirrored:
    """``told_by`` are beginnings of the types of events that tell of such an object."""

    reader: Callable[[Mapping[str, Any]], NeutralEvent | None]
    told_by: tuple[str, ...] = ()


MIRRORED: Mapping[str, Mirrored] = {
    "payment_intent": Mirrored(payments.intent, ("payment_intent.",)),
    "charge": Mirrored(payments.charge, ("charge.",)),
    "customer": Mirrored(customers.customer, ("customer.",)),
    "payment_method": Mirrored(customers.payment_method, ("payment_method.",)),
    "card": Mirrored(customers.card, ("customer.source.",)),
    "source": Mirrored(customers.saved_source, ("customer.source.",)),
    "refund": Mirrored(refunds.refund, ("refund.", "charge.refund.")),
    "dispute": Mirrored(disputes.dispute, ("charge.dispute.",)),
    "radar.early_fraud_warning": Mirrored(radar.warning, ("radar.early_fraud_warning.",)),
    "review": Mirrored(radar.review, ("review.",)),
    "payout": Mirrored(payouts.payout, ("payout.",)),
    "transfer": Mirrored(payouts.transfer, ("transfer.",)),
    "balance_transaction": Mirrored(payouts.balance_transaction),
    "invoice": Mirrored(invoices.invoice, ("invoice.",)),
    "account": Mirrored(accounts.account, ("account.",)),
}
# A preview of an invoice that does not exist yet.
_PREVIEWS = {"invoice.upcoming"}
# The object stands there as it was; that it is gone, or has expired, only the type says.
_GONE = ("customer.deleted", "invoice.deleted", "payment_method.detached", "customer.source.deleted")
_TOLD_BY_TYPE = {**dict.fromkeys(_GONE, "deleted"), "charge.expired": "expired"}


def read(source: Mapping[str, Any]) -> NeutralEvent | None:
    """An object as it was fetched or listed, in neutral words; None for one of a kind that is not mirrored. Raises
    UnreadableObject."""
    mirrored = MIRRORED.get(text(source, "object", 80))
    return mirrored.reader(source) if mirrored else None


def translate(payload: Mapping[str, Any]) -> NeutralEvent | None:
    """The event in neutral words, by its object and not by its type, because types contradict their objects often
    enough; None for one that nothing here listens to. Raises UnreadableObject."""
    kind = text(payload, "type", 120)
    if kind == "account.application.deauthorized":
        return accounts.account_that_left(payload)
    target = section(section(payload, "data"), "object")
    mirrored = MIRRORED.get(text(target, "object", 80))
    if mirrored is None or not kind.startswith(mirrored.told_by) or kind in _PREVIEWS:
        return None
    told = _TOLD_BY_TYPE.get(kind)
    return mirrored.reader({**target, told: True} if told else target)
