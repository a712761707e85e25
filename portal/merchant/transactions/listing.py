"""The transactions list of one address: what is filtered, which page, how many in all."""

from dataclasses import dataclass
from datetime import tzinfo
from functools import cached_property, lru_cache, partial
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.functional import SimpleLazyObject
from django.utils.safestring import SafeString
from django.utils.translation import ngettext

from billing import clock
from billing.compiled import Compiled
from billing.merchants.models import Merchant
from billing.payments.figures import count_payments
from billing.payments.models import Payment
from billing.payments.queries import capped_count, list_rows
from portal.access.people_seen import sees_people
from portal.merchant.transactions.filter_panel import FilterPanel
from portal.merchant.transactions.filters import LIST_NAMES, PaymentFilters
from portal.merchant.transactions.table import PaymentTable, Reader, make_rows, row_key
from portal.web.connections import connections_of
from portal.web.counting import CountedPages
from portal.web.filters import PERIOD
from portal.web.nav import address as address_of
from portal.web.pagination import Key, Order, Page, fetch_from, ordered, parse_cursor, take_page
from portal.web.query_string import ListAddress
from portal.web.request import MerchantRequest


@dataclass(frozen=True)
class Listing(CountedPages):
    """Queries run when something is first asked for, each at most once."""

    merchant: Merchant
    livemode: bool
    address: ListAddress
    table: PaymentTable
    filters: PaymentFilters
    zone: tzinfo
    by_person: bool

    @cached_property
    def is_valid(self) -> bool:
        return bool(self.filters.is_valid())

    @cached_property
    def page(self) -> Page:
        order = self.table.order
        everything = partial(_fetch_all, self.merchant.pk, self.livemode, order)
        return take_page(
            fetch_from(list_rows(self.filters.qs), order) if self.filters.is_touched else everything,
            order=order,
            cursor=parse_cursor(self.address.first("cursor"), order),
            size=self.size,
            key=row_key(self.table.sort),
        )

    @cached_property
    def rows(self) -> list[SafeString]:
        back = urlencode({"back": str(self.address)}, safe="/")
        return make_rows(self.page.rows, Reader(self.base_url, f"?{back}", self.zone, self.by_person))

    @cached_property
    def count(self) -> int:
        return super().count if self.filters.is_touched else count_payments(self.merchant, self.livemode)

    @property
    def has_more_than_counted(self) -> bool:
        return self.filters.is_touched and super().has_more_than_counted

    @cached_property
    def count_in_all_dates(self) -> int:
        """How many the same filters find when no date is asked for."""
        data = QueryDict(mutable=True)
        for name, values in self.address.params.items():
            if name not in PERIOD:
                data.setlist(name, values)
        return capped_count(_filters_like(self.filters, ListAddress(self.address.path, data, LIST_NAMES)).qs)

    @property
    def noun(self) -> str:
        return ngettext("transaction", "transactions", self.counted)

    @property
    def is_live(self) -> bool:
        """Whether new payments appear by themselves: rows must not move on later pages or among sorted amounts."""
        return self.table.is_usual and not self.is_later

    @property
    def by_amount(self) -> bool:
        return self.table.sort.endswith("amount")

    @property
    def all_dates_url(self) -> str:
        return self.address.without(PERIOD)

    def neighbours(self, key: Key) -> tuple[str, str]:
        """Public ids of the payments before and after that key in this list; empty at its ends."""
        ids = self.filters.qs.values_list("public_id", flat=True)
        found = (ordered(ids, self.table.order, after=key, backward=way).first() for way in (True, False))
        before, after = ((public_id or "") for public_id in found)
        return before, after


def _fetch_all(merchant: int, livemode: bool, order: Order, after: Key | None, backward: bool, limit: int) -> list[Any]:
    """A page of the list that nobody has narrowed, which is the one that most people look at."""
    query = _compiled(livemode, order, after is not None, backward, limit)
    return query(merchant, *(after or ()))


@lru_cache(maxsize=256)
def _compiled(livemode: bool, order: Order, is_later: bool, backward: bool, limit: int) -> Compiled[tuple[Any, ...]]:
    def shape(merchant: int, *after: Any) -> QuerySet[Payment, tuple[Any, ...]]:
        rows = list_rows(Payment.objects.for_merchant(merchant, livemode))
        return ordered(rows, order, after=after or None, backward=backward)[:limit]

    return Compiled(shape)


def load_listing(
    request: MerchantRequest, merchant: Merchant, livemode: bool, *, data: QueryDict | None = None
) -> Listing:
    """``data`` stands for the query string of another request for the same list."""
    base_url = address_of("merchant:transactions", {"merchant": merchant.slug, "mode": "live" if livemode else "test"})
    address = ListAddress(base_url, request.GET if data is None else data, LIST_NAMES)
    by_person = sees_people(request)
    filters = PaymentFilters(
        address,
        # The whole list has a statement of its own and builds no query.
        SimpleLazyObject(lambda: Payment.objects.for_merchant(merchant, livemode)),
        zone=merchant.zone,
        now=clock.now(),
        currency=merchant.default_currency,
        accounts=connections_of(merchant, livemode),
        by_person=by_person,
    )
    return Listing(merchant, livemode, address, PaymentTable(address), filters, merchant.zone, by_person)


def _filters_like(filters: PaymentFilters, address: ListAddress) -> PaymentFilters:
    return PaymentFilters(
        address,
        filters.queryset,
        zone=filters.zone,
        now=filters.now,
        currency=filters.default_currency,
        accounts=filters.accounts,
        by_person=filters.by_person,
    )


def payment_key(payment: Payment, sort: str) -> Key:
    """Where a payment stands in a list of that sort."""
    if sort.endswith("created"):
        return (payment.created_at, payment.pk)
    return (payment.currency, payment.amount, payment.pk)


def listing_of(request: MerchantRequest, merchant: Merchant, livemode: bool, back: str) -> Listing | None:
    """The list that ``back`` leads to, when it is this merchant's list of transactions and valid."""
    path, _mark, query = back.partition("?")
    listing = load_listing(request, merchant, livemode, data=QueryDict(query))
    return listing if path == listing.address.path and listing.is_valid else None


def list_context(listing: Listing, **more: Any) -> dict[str, Any]:
    panel = FilterPanel(listing.filters)
    return {"listing": listing, "filters": panel, "form": listing.filters.form, "table": listing.table, **more}
