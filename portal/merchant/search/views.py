"""Search in one merchant and mode, for those who may see its payments. Other groups ask for verbs of their own."""

from django.http import HttpResponse

from billing.access.verbs import P
from billing.merchants.models import Merchant
from portal.access.guards import merchant_view
from portal.merchant.search.desk import open_desk
from portal.web.request import MerchantRequest
from portal.web.search.answers import keep_recent, show_page, show_palette, typed


@merchant_view(P.PAYMENTS_VIEW)
def search(request: MerchantRequest, merchant: Merchant, livemode: bool) -> HttpResponse:
    return show_page(request, open_desk(request, merchant, livemode, text=typed(request)))


@merchant_view(P.PAYMENTS_VIEW)
def palette(request: MerchantRequest, merchant: Merchant, livemode: bool) -> HttpResponse:
    return show_palette(request, open_desk(request, merchant, livemode, text=typed(request)))


@merchant_view(P.PAYMENTS_VIEW, methods=("POST",))
def recent(request: MerchantRequest, merchant: Merchant, livemode: bool) -> HttpResponse:
    return keep_recent(request, open_desk(request, merchant, livemode, text=""))
