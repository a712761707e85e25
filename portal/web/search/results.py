"""The answer to a search: its groups, what was wrong with it, and the one object that it names."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from billing.payments.queries import COUNTED_EXACTLY
from portal.web.search.asked import Asked
from portal.web.search.find import Found
from portal.web.search.hits import Hit

Text = str | Promise
SHOWN, MOST = 5, 100
LABELS: dict[str, Text] = {
    "payments": _("Payments"),
    "customers": _("Customers"),
    "refunds": _("Refunds"),
    "disputes": _("Disputes"),
    "payouts": _("Payouts"),
    "merchants": _("Merchants"),
    "events": _("Events"),
    "pages": _("Pages"),
    "actions": _("Actions"),
}


# What the first column of a kind's table is called.
HEADS: dict[str, Text] = {
    "payments": _("Reference"),
    "customers": _("Customer"),
    "refunds": _("Refund"),
    "disputes": _("Dispute"),
    "payouts": _("Payout"),
    "merchants": _("Merchant"),
    "events": _("Type"),
}


@dataclass(frozen=True)
class Group:
    """``all_url`` leads to all of them where not all are shown, or where a list shows them better."""

    kind: str
    hits: Sequence[Hit]
    found: Found | None = None
    all_url: str = ""

    @property
    def label(self) -> Text:
        return LABELS[self.kind]

    @property
    def head(self) -> Text:
        return HEADS[self.kind]

    @property
    def has_badges(self) -> bool:
        return any(hit.badge for hit in self.hits)

    @property
    def has_amounts(self) -> bool:
        return any(hit.amount is not None for hit in self.hits)

    @property
    def has_more(self) -> bool:
        return self.found is not None and self.found.has_more

    @cached_property
    def count(self) -> int:
        """Up to COUNTED_EXACTLY; ``more_than_counted`` says whether there are more."""
        return min(self.found.count, COUNTED_EXACTLY) if self.found else len(self.hits)

    @property
    def more_than_counted(self) -> bool:
        return self.found is not None and self.found.count > COUNTED_EXACTLY


@dataclass(frozen=True)
class Results:
    """``text`` is what was typed, untouched. Groups are in the order of LABELS and none is empty."""

    text: str
    asked: Asked = field(default_factory=Asked)
    problems: Sequence[str] = ()
    groups: Sequence[Group] = ()

    @property
    def shown(self) -> int:
        return sum(len(group.hits) for group in self.groups)

    @property
    def announcement(self) -> str:
        """For the ears of those who do not see the list."""
        if self.problems:
            return " ".join(self.problems)
        if not self.shown:
            return gettext("Nothing was found.")
        return ngettext("%(n)d result shown", "%(n)d results shown", self.shown) % {"n": self.shown}

    @property
    def jump(self) -> str:
        """The page of the one object that the search names exactly; empty when it names none, or several."""
        if not self.asked.is_id and not self.asked.names_card_and_amount:
            return ""
        kind = self.asked.kind if self.asked.is_id else "payments"
        named = [group for group in self.groups if group.kind == kind]
        if len(named) != 1 or len(named[0].hits) != 1 or named[0].has_more:
            return ""
        return named[0].hits[0].url


def in_order(groups: Sequence[Group]) -> list[Group]:
    order = list(LABELS)
    return sorted((group for group in groups if group.hits), key=lambda group: order.index(group.kind))
