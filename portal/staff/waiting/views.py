"""What waits for somebody, one list a kind. The counts of the staff home lead here."""

from django.http import HttpResponse
from django.shortcuts import redirect, render

from billing.access.verbs import P
from portal.access.guards import staff_view
from portal.staff.waiting.listing import load_listing
from portal.web.request import PersonRequest

LIST = "staff/waiting/list.html"


@staff_view(P.OPS_PAYMENTS_VIEW)
def waiting(request: PersonRequest, kind: str) -> HttpResponse:
    listing = load_listing(kind, request.GET)
    if request.htmx and not request.htmx.history_restore_request and request.htmx.target == "results":
        response = render(request, f"{LIST}#swap", {"listing": listing, "swapped": True})
        response["HX-Push-Url"] = str(listing.address)
        return response
    if not listing.address.is_tidy:
        return redirect(str(listing.address))
    return render(request, LIST, {"listing": listing})


@staff_view(P.OPS_PAYMENTS_VIEW)
def waiting_panel(request: PersonRequest, kind: str) -> HttpResponse:
    listing = load_listing(kind, request.GET)
    if not request.htmx:
        return redirect(f"{listing.address}#results")
    return render(request, f"{LIST}#live", {"listing": listing, "swapped": True})
