"""The lists of money objects of one merchant, each at the address of a request."""

from typing import Any, TypeVar

from django.http import QueryDict
from django.utils.functional import SimpleLazyObject

from billing import clock
from billing.merchants.models import Merchant
from portal.access.people_seen import sees_people
from portal.web.money_lists.listing import MoneyListing
from portal.web.money_lists.scope import MerchantScope
from portal.web.nav import address
from portal.web.query_string import ListAddress
from portal.web.request import MerchantRequest

Listing = TypeVar("Listing", bound=MoneyListing[Any])


def load_list(
    kind: type[Listing],
    request: MerchantRequest,
    merchant: Merchant,
    livemode: bool,
    *,
    data: QueryDict | None = None,
) -> Listing:
    """``data`` stands for the query string of another request for the same list."""
    scope = MerchantScope(livemode, sees_people(request), clock.now(), merchant=merchant)
    names = kind.filters_type.list_names()
    here = ListAddress(list_url(kind.name, merchant, livemode), request.GET if data is None else data, names)
    # The whole list may have a statement of its own; then no query is built.
    rows = SimpleLazyObject(lambda: scope.of(kind.model))
    filters = kind.filters_type(here, rows, scope)
    return kind(scope, here, kind.table_type(here), filters, list_url("transactions", merchant, livemode))


def list_url(name: str, merchant: Merchant, livemode: bool) -> str:
    return address(f"merchant:{name}", {"merchant": merchant.slug, "mode": "live" if livemode else "test"})
