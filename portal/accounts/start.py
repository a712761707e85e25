"""Where a person lands after signing in."""

from django.http import HttpResponse
from django.shortcuts import redirect, render

from billing.merchants.models import Membership, Merchant
from portal.access.guards import person_view
from portal.web.request import PersonRequest


@person_view()
def start(request: PersonRequest) -> HttpResponse:
    """The only merchant's home, the staff's, or a choice; somebody who belongs nowhere is told what to do next."""
    merchants = [
        membership.merchant
        for membership in Membership.objects.filter(user=request.user)
        .select_related("merchant")
        .order_by("merchant__name")
    ]
    if request.user.staff_role:
        return redirect("ops:home")
    if len(merchants) == 1:
        return redirect("merchant:home", merchant=merchants[0].slug, mode=usual_mode(merchants[0]))
    places = [(merchant, usual_mode(merchant)) for merchant in merchants]
    return render(request, "me/start.html", {"places": places})


def usual_mode(merchant: Merchant) -> str:
    """Live as soon as the merchant has a live connection."""
    return "live" if merchant.connections.filter(livemode=True).exists() else "test"
