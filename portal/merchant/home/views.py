"""Where a merchant's people arrive: what needs them, how today is, how it has been, where the money is, what is new."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from billing.access.verbs import P
from billing.merchants.models import Merchant
from portal.access.guards import merchant_view
from portal.merchant.home.cards import CARDS, render_card, render_cards
from portal.merchant.home.place import home_of
from portal.web.request import MerchantRequest

PAGE = "merchant/home/home.html"


@merchant_view(P.HOME_VIEW)
def home(request: MerchantRequest, merchant: Merchant, livemode: bool) -> HttpResponse:
    """All cards at once: together they ask little, one answer draws without a flicker, prints, and needs no script."""
    here = home_of(request, merchant, livemode)
    if not here.is_tidy:
        return redirect(here.url)
    return render(request, PAGE, {"home": here, "cards": render_cards(here)})


@merchant_view(P.HOME_VIEW)
def home_panel(request: MerchantRequest, merchant: Merchant, livemode: bool, card: str) -> HttpResponse:
    """One card, for a page that keeps itself up to date."""
    if card not in CARDS:
        raise Http404
    here = home_of(request, merchant, livemode)
    if not request.htmx:
        return redirect(f"{here.url}#{card}")
    return HttpResponse(render_card(here, card) + render_card(here, "moment", swapped=True))
