"""The list of transactions for those who may do something with several payments at once."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar

from billing.access.verbs import P
from portal.merchant.transactions.listing import TransactionListing
from portal.web.money_lists.listing import MoneyListing
from portal.web.request import MerchantRequest

Kind = type[MoneyListing[Any]]
# Payments in one act: with notes on all of them it takes less than a second.
MOST = 1_000


@dataclass(frozen=True)
class TickedListing(TransactionListing):
    ticks = True
    # Whether the reader may ask for refunds of what is ticked.
    refunds: ClassVar[bool] = False

    @property
    def bulk_url(self) -> str:
        return f"{self.base_url}bulk/"

    @property
    def address_fields(self) -> list[tuple[str, str]]:
        """The address as fields of a form, its page included: one comes back to it."""
        return [(name, value) for name, values in self.address.params.items() for value in values]

    @property
    def offers_all(self) -> bool:
        """Whether there are more results than rows to tick."""
        return self.counted > len(self.rows)

    @property
    def is_too_long(self) -> bool:
        return self.counted > MOST

    @property
    def most(self) -> int:
        return MOST

    def as_of(self, moment: datetime) -> Any:
        """What its filters found at that moment: periods such as today are that day's, and later payments are left
        out."""
        filters = type(self.filters)(self.address, self.filters.queryset, replace(self.scope, now=moment))
        return filters.qs.filter(created_at__lte=moment)


@dataclass(frozen=True)
class RefundableListing(TickedListing):
    refunds = True


def kind_for(request: MerchantRequest, kind: Kind) -> Kind:
    """The list with boxes to tick, where ``kind`` is that of transactions and the reader may use them."""
    may_tick = kind is TransactionListing and request.can(P.NOTES_WRITE) and request.visit is None
    if not may_tick:
        return kind
    return RefundableListing if request.can(P.REFUND_ISSUE) else TickedListing
