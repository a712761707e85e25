"""Looking at a merchant's pages as its people see them: how that begins, and how one leaves."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.access.verbs import P
from billing.merchants.members import memberships_of
from billing.merchants.models import Merchant
from portal.access.guards import session_id, staff_view
from portal.access.posted import posted
from portal.access.visit import LONGEST, begin_visit, end_visit, newest_visit
from portal.access.way_back import is_ours
from portal.accounts.start import usual_mode
from portal.web.request import PersonRequest


class VisitForm(forms.Form):
    reason = forms.CharField(
        label=_("Why do you need to look?"),
        min_length=8,
        max_length=200,
        help_text=_("The merchant's audit log keeps it for good: name a case, not a customer."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


@staff_view(P.OPS_MERCHANTS_ENTER, methods=("GET", "POST"))
def merchant_visit(request: PersonRequest, merchant: str) -> HttpResponse:
    found = load_merchant(merchant)
    visit = newest_visit(request.user, session_id(request), found.slug)
    if request.method == "GET" and "next" in request.GET and visit and visit.is_open:
        return HttpResponseRedirect(_wanted(request, found), status=303)
    form = VisitForm(posted(request))
    if not form.is_valid():
        context = {"form": form, "visited": found, "minutes": LONGEST.seconds // 60, "page_url": _page(found)}
        return render(request, "staff/merchants/visit.html", context, status=422 if form.errors else 200)
    if any(each.merchant_id == found.pk for each in memberships_of(request.user)):
        messages.info(request, gettext("You are a member here: the pages open with your own role."))
    else:
        reason = form.cleaned_data["reason"]
        begin_visit(user=request.user, session=session_id(request), merchant=found, reason=reason, by=request.actor)
    return HttpResponseRedirect(_wanted(request, found), status=303)


@staff_view(P.OPS_MERCHANTS_ENTER, methods=("POST",))
def merchant_leave(request: PersonRequest, merchant: str) -> HttpResponse:
    found = load_merchant(merchant)
    visit = newest_visit(request.user, session_id(request), found.slug)
    if visit and end_visit(visit=visit, by=request.actor, because="the person left"):
        messages.info(request, gettext("You have left %(name)s.") % {"name": found.name})
    return HttpResponseRedirect(_page(found), status=303)


def load_merchant(slug: str) -> Merchant:
    found = Merchant.objects.filter(slug=slug).first()
    if found is None:
        raise Http404
    return found


def _wanted(request: PersonRequest, merchant: Merchant) -> str:
    """The page of that merchant that ``?next=`` names, or its home page."""
    wanted = request.GET.get("next", "")
    if wanted.startswith(f"/m/{merchant.slug}/") and is_ours(request, wanted):
        return wanted
    return reverse("merchant:home", kwargs={"merchant": merchant.slug, "mode": usual_mode(merchant)})


def _page(merchant: Merchant) -> str:
    return reverse("ops:merchant", kwargs={"merchant": merchant.slug})
