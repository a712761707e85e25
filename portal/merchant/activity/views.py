"""The list of all movements of the balance and its regions."""

from django.http import HttpResponse

from billing.access.verbs import P
from billing.merchants.models import Merchant
from portal.access.guards import merchant_view
from portal.merchant.activity.listing import ActivityListing
from portal.merchant.lists import load_list
from portal.web.money_lists.answers import answer_list, answer_panel, answer_totals
from portal.web.request import MerchantRequest


@merchant_view(P.PAYMENTS_VIEW)
def activity(request: MerchantRequest, merchant: Merchant, livemode: bool) -> HttpResponse:
    return answer_list(request, load_list(ActivityListing, request, merchant, livemode))


@merchant_view(P.PAYMENTS_VIEW)
def activity_panel(request: MerchantRequest, merchant: Merchant, livemode: bool) -> HttpResponse:
    return answer_panel(request, load_list(ActivityListing, request, merchant, livemode))


@merchant_view(P.PAYMENTS_VIEW)
def activity_totals(request: MerchantRequest, merchant: Merchant, livemode: bool) -> HttpResponse:
    return answer_totals(request, load_list(ActivityListing, request, merchant, livemode))
