"""The transactions list of one address."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from django.db.models import F, QuerySet
from django.http import QueryDict
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from billing.compiled import Compiled
from billing.merchants.models import Merchant
from billing.payments.figures import count_payments
from billing.payments.models import Payment
from billing.payments.queries import ROW
from billing.payments.totals import totals_of_days
from billing.totals import Totals
from portal.merchant.lists import load_list
from portal.merchant.transactions.filters import PaymentFilters
from portal.merchant.transactions.table import PaymentTable, extra_columns, make_rows
from portal.web.money_lists.listing import MoneyListing, Sum, Words
from portal.web.money_lists.table import Reader
from portal.web.pagination import Fetch, Key, Order, fetch_from, ordered
from portal.web.request import MerchantRequest


@dataclass(frozen=True)
class TransactionListing(MoneyListing[PaymentFilters]):
    name = "transactions"
    model = Payment
    columns = ROW
    table_type = PaymentTable
    filters_type = PaymentFilters
    sums = {
        "captured": Sum(_("Captured"), F("amount_captured")),
        "refunded": Sum(_("Refunded"), -F("amount_refunded")),
        "lost": Sum(_("Lost to disputes"), -F("amount_lost")),
        "left": Sum(_("Net before fees"), F("amount_captured") - F("amount_refunded") - F("amount_lost")),
    }
    words = Words(
        title=_("Transactions"),
        noun=ngettext_lazy("transaction", "transactions", "count"),
        topic="pay",
        filter_label=_("Filter transactions"),
        search_for=_("Reference or customer"),
        nothing_found=_("No transactions match these filters"),
        nothing_yet=_("No payments yet"),
        nothing_yet_text=_(
            "Every payment that the processor reports appears here by itself, with all attempts at it and what became"
            " of them."
        ),
        not_summed=_("What was never captured counts nothing."),
        not_connected_text=_("Payments appear here once an Owner or Admin has connected the account at the processor."),
    )

    @property
    def queried(self) -> tuple[str, ...]:
        return (*ROW, *extra_columns(self.table.chosen))

    @property
    def fetch(self) -> Fetch:
        if self.filters.is_touched:
            return fetch_from(self.filters.qs.values_list(*self.queried), self.table.order)
        return self._fetch_all

    def _fetch_all(self, after: Key | None, backward: bool, limit: int) -> list[Any]:
        """A page of the list that nobody has narrowed, which is the one that most people look at."""
        order, later = self.table.order, after is not None
        query = _compiled(self.scope.livemode, order, self.queried, later, backward, limit)
        return query(self.scope.merchant.pk, *(after or ()))

    def make_rows(self, found: Sequence[tuple[Any, ...]], reader: Reader) -> list[SafeString]:
        return make_rows(found, reader, self.table.chosen)

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

    def neighbours(self, key: Key) -> tuple[str, str]:
        """Public ids of the payments before and after that key in this list; empty at its ends."""
        ids = self.filters.qs.values_list("public_id", flat=True)
        found = (ordered(ids, self.table.order, after=key, backward=way).first() for way in (True, False))
        before, after = ((public_id or "") for public_id in found)
        return before, after


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
