"""All merchants of the platform."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from billing.access.verbs import P
from portal.access.guards import staff_view
from portal.staff.merchants.listing import list_context, load_listing
from portal.staff.merchants.page import page_context
from portal.staff.merchants.visits import load_merchant
from portal.web.request import PersonRequest

LIST = "staff/merchants/list.html"
DETAIL = "staff/merchants/detail.html"


@staff_view(P.OPS_MERCHANTS_VIEW)
def merchants(request: PersonRequest) -> HttpResponse:
    listing = load_listing(reverse("ops:merchants"), request.GET)
    context = list_context(listing, can_see_events=request.can(P.OPS_EVENTS_VIEW), events_url=reverse("ops:events"))
    if request.htmx and not request.htmx.history_restore_request and request.htmx.target == "results":
        response = render(request, f"{LIST}#swap", {**context, "swapped": True})
        response["HX-Push-Url"] = str(listing.address)
        return response
    if not listing.address.is_tidy:
        return redirect(str(listing.address))
    return render(request, LIST, context)


@staff_view(P.OPS_MERCHANTS_VIEW)
def merchant(request: PersonRequest, merchant: str) -> HttpResponse:
    return render(request, DETAIL, page_context(load_merchant(merchant), request.can))
