"""What a search asks for, whatever the words were."""

from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from django.db.models import Q

from billing.money import Money
from disputes.chargebacks.models import Dispute
from portal.web.periods import custom_period
from portal.web.search.days import Days

# How ids begin: ours, and the processor's for the same kind of object.
OURS = {
    "pay": "payments",
    **dict.fromkeys(("ref", "bat"), "refunds"),
    "dsp": "disputes",
    "pyt": "payouts",
    "cst": "customers",
    "whk": "events",
    "blt": "movements",
}
THEIRS = {
    **dict.fromkeys(("pi", "ch", "py"), "payments"),
    **dict.fromkeys(("re", "pyr"), "refunds"),
    **dict.fromkeys(("du", "dp"), "disputes"),
    "po": "payouts",
    "cus": "customers",
    "evt": "events",
    "txn": "movements",
    # Nothing here is called so, but events tell of them.
    **dict.fromkeys(("acct", "in", "issfr", "pm", "prv", "card", "src", "seti", "mandate"), "events"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """Conditions that all hold. ``text`` is how a reference or name begins, ``guess`` the amount that it may be.

    ``statuses`` are ours, empty for any. ``disputed`` is whether there ever was a dispute, whatever became of it.
    ``low`` and ``high`` are of one currency, both included. ``without`` are single conditions that must not hold.
    ``merchant`` and ``livemode`` narrow a search over all merchants.
    """

    id: str = ""
    text: str = ""
    guess: Money | None = None
    email: str = ""
    last4: str = ""
    statuses: tuple[str, ...] = ()
    refunded: bool | None = None
    disputed: bool | None = None
    currency: str = ""
    low: Money | None = None
    high: Money | None = None
    days: Days | None = None
    merchant: str = ""
    livemode: bool | None = None
    without: tuple["Asked", ...] = ()

    @property
    def kind(self) -> str:
        """The kind of object that ``id`` names."""
        prefix = self.id.partition("_")[0]
        return OURS.get(prefix) or THEIRS.get(prefix, "")

    def only(self, *names: str) -> bool:
        """Whether nothing but these conditions stands, apart from where is searched."""
        kept = {name: getattr(self, name) for name in (*names, "merchant", "livemode")}
        return self == Asked(**kept)

    @property
    def is_nothing(self) -> bool:
        return self == Asked()

    @property
    def is_id(self) -> bool:
        """Whether one object is named and nothing else is said of it."""
        return bool(self.id) and self.only("id")

    @property
    def amount(self) -> Money | None:
        """The one amount that is asked for, or may be."""
        return self.low if self.low is not None and self.low == self.high else self.guess

    @property
    def names_card_and_amount(self) -> bool:
        return bool(self.last4) and self.low is not None and self.low == self.high


def narrow(asked: Asked, *, zone: tzinfo, by_person: bool) -> Q:
    """The conditions on payments as one Q; without ``by_person`` nobody is known by an address or a name. Text is
    compared without an index: it is for what must not be found."""
    money: dict[str, Any] = {"currency": asked.currency} if asked.currency else {}
    for bound, name in ((asked.low, "amount__gte"), (asked.high, "amount__lte")):
        if bound is not None:
            money |= {"currency": bound.currency, name: bound.minor}
    found = Q(**money)
    if asked.days:
        period = custom_period(asked.days.first, asked.days.last, zone=zone)
        found &= Q(created_at__gte=period.since) if period.since else Q()
        found &= Q(created_at__lt=period.until) if period.until else Q()
    if asked.statuses:
        found &= Q(status__in=asked.statuses)
    if asked.refunded is not None:
        found &= Q(amount_refunded__gt=0) if asked.refunded else Q(amount_refunded=0)
    if asked.disputed is not None:
        owners = Q(pk__in=Dispute.objects.values("payment"))
        found &= owners if asked.disputed else ~owners
    if asked.last4:
        found &= Q(last4=asked.last4)
    if asked.email:
        found &= Q(customer_email__iexact=asked.email) if by_person else Q(pk__in=[])
    if asked.text:
        by_name = Q(customer_name__istartswith=asked.text) if by_person else Q()
        found &= Q(reference__istartswith=asked.text) | by_name
    return found
