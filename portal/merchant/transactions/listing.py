"""The transactions list of one merchant at one address: counted and added up by the figures that are kept by day."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict

from billing.compiled import Compiled
from billing.merchants.models import Merchant
from billing.payments.figures import count_payments
from billing.payments.models import Payment
from billing.payments.totals import totals_of_days
from billing.totals import Totals
from portal.merchant.lists import load_list
from portal.web.money_lists.scope import MerchantScope
from portal.web.pagination import Fetch, Key, Order, ordered
from portal.web.payments.listing import PaymentListing
from portal.web.request import MerchantRequest


@dataclass(frozen=True)
class TransactionListing(PaymentListing):
    scope: MerchantScope

    @property
    def fetch(self) -> Fetch:
        return super().fetch if self.filters.is_touched else self._fetch_all

    def _fetch_all(self, after: Key | None, backward: bool, limit: int) -> list[Any]:
        """A page of the list that nobody has narrowed, which is the one that most people look at."""
        later = after is not None
        query = _compiled(self.scope.livemode, self.order, self.queried, later, backward, limit)
        return query(self.scope.merchant.pk, *(after or ()))

    @cached_property
    def count(self) -> int:
        return super().count if self.filters.is_touched else count_payments(self.scope.merchant, self.scope.livemode)

    @property
    def has_more_than_counted(self) -> bool:
        return self.filters.is_touched and super().has_more_than_counted

    @cached_property
    def totals(self) -> Totals:
        days = self.filters.days if self.is_valid else None
        if days is None:
            return super().totals
        period = self.filters.period
        return totals_of_days(
            self.scope.merchant,
            self.scope.livemode,
            currency=self.filters.form.cleaned_data.get("currency", ""),
            days=days,
            moments=(period.since, period.until) if period else (None, None),
        )


@lru_cache(maxsize=256)
def _compiled(
    livemode: bool, order: Order, columns: tuple[str, ...], is_later: bool, backward: bool, limit: int
) -> Compiled[tuple[Any, ...]]:
    def shape(merchant: int, *after: Any) -> QuerySet[Payment, tuple[Any, ...]]:
        rows = Payment.objects.for_merchant(merchant, livemode).values_list(*columns)
        return ordered(rows, order, after=after or None, backward=backward)[:limit]

    return Compiled(shape)


def listing_of(request: MerchantRequest, merchant: Merchant, livemode: bool, back: str) -> TransactionListing | None:
    """The list that ``back`` leads to, when it is this merchant's list of transactions and valid."""
    path, _mark, query = back.partition("?")
    listing = load_list(TransactionListing, request, merchant, livemode, data=QueryDict(query))
    return listing if path == listing.address.path and listing.is_valid else None
