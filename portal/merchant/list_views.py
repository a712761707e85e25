"""The pages of every list of money objects: the list itself, its rows alone, and its totals."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.urls import URLPattern, path

from billing.access.verbs import P
from billing.merchants.models import Merchant
from portal.access.guards import merchant_view
from portal.merchant.bulk.listing import kind_for
from portal.merchant.lists import load_list
from portal.merchant.saved_views.place import answer_list
from portal.web.money_lists.answers import answer_panel, answer_totals
from portal.web.money_lists.listing import MoneyListing
from portal.web.request import MerchantRequest

Kind = type[MoneyListing[Any]]
Answer = Callable[[MerchantRequest, MoneyListing[Any]], HttpResponse]


def list_paths(kind: Kind) -> list[URLPattern]:
    """The three addresses of a list, below its own name."""
    return [
        path(f"{kind.name}/", _view(kind, answer_list), name=kind.name),
        path(f"{kind.name}/_/results/", _view(kind, answer_panel), name=f"{kind.name}_panel"),
        path(f"{kind.name}/_/totals/", _view(kind, answer_totals), name=f"{kind.name}_totals"),
    ]


def _view(kind: Kind, answer: Answer) -> Callable[..., Any]:
    @merchant_view(P.PAYMENTS_VIEW)
    def money_list(request: MerchantRequest, merchant: Merchant, livemode: bool) -> HttpResponse:
        return answer(request, load_list(kind_for(request, kind), request, merchant, livemode))

    return money_list
