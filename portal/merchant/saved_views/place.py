"""Which list a page of views is about, and the list's own page with its views."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from billing.access.verbs import P
from billing.merchants.models import Merchant
from portal.merchant.activity.listing import ActivityListing
from portal.merchant.disputes.listing import DisputeListing
from portal.merchant.lists import load_list
from portal.merchant.refunds.listing import RefundListing
from portal.merchant.transactions.listing import TransactionListing
from portal.web.money_lists import answers
from portal.web.money_lists.listing import MoneyListing
from portal.web.money_lists.panel import MoneyPanel
from portal.web.request import MerchantRequest
from portal.web.saved_views.bar import ViewsBar
from portal.web.saved_views.models import ListKind, SavedView

LISTINGS: dict[str, type[MoneyListing[Any]]] = {
    listing.name: listing for listing in (TransactionListing, RefundListing, DisputeListing, ActivityListing)
}


@dataclass(frozen=True)
class Place:
    """A list of the request's merchant, at the filters of the request's address."""

    kind: ListKind
    listing: MoneyListing[Any]
    bar: ViewsBar

    @property
    def url(self) -> str:
        return self.bar.views_url

    @property
    def filters_in_words(self) -> str:
        """What a view of this address finds, whenever; empty for everything, and for filters with a mistake in them."""
        if not self.listing.is_valid:
            return ""
        return MoneyPanel(self.listing.filters).in_lasting_words

    def view(self, public_id: str) -> SavedView:
        """One that this person sees. Raises Http404."""
        found = next((view for view in self.bar.views if view.public_id == public_id), None)
        if found is None:
            raise Http404
        return found


def place_of(request: MerchantRequest, merchant: Merchant, livemode: bool, kind: str) -> Place:
    """Raises Http404 for a list that does not exist."""
    if kind not in LISTINGS:
        raise Http404
    listing = load_list(LISTINGS[kind], request, merchant, livemode)
    return Place(ListKind(kind), listing, bar_of(request, listing))


def bar_of(request: MerchantRequest, listing: MoneyListing[Any]) -> ViewsBar:
    # Staff who look at a merchant's pages have no views of their own there, and change none.
    may_keep = request.visit is None
    return ViewsBar(
        listing, request.merchant, request.user, may_keep, may_share=may_keep and request.can(P.VIEWS_SHARE)
    )


def answer_list(request: MerchantRequest, listing: MoneyListing[Any], **more: Any) -> HttpResponse:
    """The list with its views; to its default view for whoever asks for it without a word."""
    bar = bar_of(request, listing)
    if not request.htmx and listing.address.is_tidy and bar.leads_to:
        return redirect(bar.leads_to)
    return answers.answer_list(request, listing, views=bar, **more)
