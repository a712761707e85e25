"""The list of disputes and its regions."""

from django.http import HttpResponse

from billing.access.verbs import P
from billing.merchants.models import Merchant
from portal.access.guards import merchant_view
from portal.merchant.disputes.listing import DisputeListing
from portal.merchant.lists import load_list
from portal.web.money_lists.answers import answer_list, answer_panel, answer_totals
from portal.web.request import MerchantRequest


@merchant_view(P.PAYMENTS_VIEW)
def disputes(request: MerchantRequest, merchant: Merchant, livemode: bool) -> HttpResponse:
    return answer_list(request, load_list(DisputeListing, request, merchant, livemode))


@merchant_view(P.PAYMENTS_VIEW)
def disputes_panel(request: MerchantRequest, merchant: Merchant, livemode: bool) -> HttpResponse:
    return answer_panel(request, load_list(DisputeListing, request, merchant, livemode))


@merchant_view(P.PAYMENTS_VIEW)
def disputes_totals(request: MerchantRequest, merchant: Merchant, livemode: bool) -> HttpResponse:
    return answer_totals(request, load_list(DisputeListing, request, merchant, livemode))
