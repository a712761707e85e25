"""All merchants of the platform."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from billing.access.verbs import P
from portal.access.guards import staff_view
from portal.staff.merchants.listing import load_listing
from portal.staff.merchants.page import page_context
from portal.staff.merchants.visits import load_merchant
from portal.web.list_answers import answer_list
from portal.web.request import PersonRequest

LIST = "staff/merchants/list.html"
DETAIL = "staff/merchants/detail.html"


@staff_view(P.OPS_MERCHANTS_VIEW)
def merchants(request: PersonRequest) -> HttpResponse:
    listing = load_listing(reverse("ops:merchants"), request.GET)
    sees_events = request.can(P.OPS_EVENTS_VIEW)
    return answer_list(request, LIST, listing, can_see_events=sees_events, events_url=reverse("ops:events"))


@staff_view(P.OPS_MERCHANTS_VIEW)
def merchant(request: PersonRequest, merchant: str) -> HttpResponse:
    return render(request, DETAIL, page_context(load_merchant(merchant), request.can))
