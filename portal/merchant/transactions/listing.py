"""The transactions list of one merchant at one address: counted and added up by the figures that are kept by day."""

from dataclasses import dataclass
from functools import cached_property

from django.http import QueryDict

from billing.merchants.models import Merchant
from billing.payments.figures import count_payments
from billing.payments.totals import totals_of_days
from billing.totals import Totals
from portal.merchant.lists import load_list
from portal.web.money_lists.scope import MerchantScope
from portal.web.payments.listing import PaymentListing
from portal.web.request import MerchantRequest


@dataclass(frozen=True)
class TransactionListing(PaymentListing):
    scope: MerchantScope

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


def listing_of(request: MerchantRequest, merchant: Merchant, livemode: bool, back: str) -> TransactionListing | None:
    """The list that ``back`` leads to, when it is this merchant's list of transactions and valid."""
    path, _mark, query = back.partition("?")
    listing = load_list(TransactionListing, request, merchant, livemode, data=QueryDict(query))
    return listing if path == listing.address.path and listing.is_valid else None
