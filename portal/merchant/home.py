"""Where a merchant's people arrive."""

from django.http import HttpResponse
from django.shortcuts import redirect

from billing.access.verbs import P
from billing.merchants.models import Merchant
from portal.access.guards import merchant_view
from portal.web.request import MerchantRequest


@merchant_view(P.HOME_VIEW)
def home(request: MerchantRequest, merchant: Merchant, livemode: bool) -> HttpResponse:
    return redirect("merchant:transactions", merchant=merchant.slug, mode="live" if livemode else "test")
