"""Views of a list: open one, name one, change, delete and choose what the list opens with."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from billing.access.verbs import P
from billing.merchants.models import Merchant
from portal.access import refusal
from portal.access.guards import merchant_view
from portal.access.posted import posted
from portal.merchant.saved_views.place import Place, place_of
from portal.web.query_string import PLAIN
from portal.web.request import MerchantRequest
from portal.web.saved_views.bar import open_url
from portal.web.saved_views.forms import ViewForm
from portal.web.saved_views.keep import (
    NameTaken,
    TooManyViews,
    ViewIsPrivate,
    change_view,
    choose_default,
    delete_view,
    overwrite_view,
    save_view,
)
from portal.web.saved_views.known import stored_query

FORM = ("GET", "POST")


@merchant_view(P.PAYMENTS_VIEW)
def views(request: MerchantRequest, merchant: Merchant, livemode: bool, kind: str) -> HttpResponse:
    return _all(request, place_of(request, merchant, livemode, kind))


@merchant_view(P.PAYMENTS_VIEW)
def view(request: MerchantRequest, merchant: Merchant, livemode: bool, kind: str, view: str) -> HttpResponse:
    place = place_of(request, merchant, livemode, kind)
    return redirect(open_url(place.listing, place.view(view)))


@merchant_view(P.PAYMENTS_VIEW, methods=FORM)
def view_new(request: MerchantRequest, merchant: Merchant, livemode: bool, kind: str) -> HttpResponse:
    place = place_of(request, merchant, livemode, kind)
    form = ViewForm(posted(request), may_share=place.bar.may_share, right=place.listing.is_valid)
    if form.is_valid():
        try:
            made = save_view(
                merchant=merchant,
                livemode=livemode,
                kind=place.kind,
                owner_id=form.owner_id(request.user.pk),
                name=form.cleaned_data["name"],
                query=stored_query(place.listing.address),
                by=request.actor,
            )
            return _done(request, gettext("View saved."), open_url(place.listing, made))
        except (NameTaken, TooManyViews) as problem:
            form.refuse(problem)
    context = {"here": place, "form": form, "action": request.get_full_path()}
    return render(request, "merchant/saved_views/form.html", context, status=422 if form.errors else 200)


@merchant_view(P.PAYMENTS_VIEW, methods=FORM)
def view_edit(request: MerchantRequest, merchant: Merchant, livemode: bool, kind: str, view: str) -> HttpResponse:
    place = place_of(request, merchant, livemode, kind)
    found = place.view(view)
    if not place.bar.may_change(found):
        return _of_the_team(request)
    if request.method == "POST" and request.POST.get("delete") == "yes":
        delete_view(view=found, by=request.actor)
        return _done(request, gettext("View deleted."), place.url)
    form = ViewForm(posted(request), may_share=place.bar.may_share, view=found)
    if form.is_valid():
        try:
            change_view(
                view=found, name=form.cleaned_data["name"], owner_id=form.owner_id(request.user.pk), by=request.actor
            )
            return _done(request, gettext("View changed."), place.url)
        except (NameTaken, TooManyViews) as problem:
            form.refuse(problem)
    context = {"here": place, "form": form, "view": found, "action": request.path}
    return render(request, "merchant/saved_views/form.html", context, status=422 if form.errors else 200)


@merchant_view(P.PAYMENTS_VIEW, methods=("POST",))
def view_overwrite(request: MerchantRequest, merchant: Merchant, livemode: bool, kind: str, view: str) -> HttpResponse:
    place = place_of(request, merchant, livemode, kind)
    found = place.view(view)
    if not place.bar.may_change(found):
        return _of_the_team(request)
    overwrite_view(view=found, query=stored_query(place.listing.address), by=request.actor)
    return _done(request, gettext("View saved."), open_url(place.listing, found))


@merchant_view(P.PAYMENTS_VIEW, methods=("POST",))
def view_default(request: MerchantRequest, merchant: Merchant, livemode: bool, kind: str) -> HttpResponse:
    place = place_of(request, merchant, livemode, kind)
    wanted, for_team = request.POST.get("view", ""), request.POST.get("for") == "team"
    if for_team and not place.bar.may_share:
        return _of_the_team(request)
    if not wanted:
        return _all(request, place, problem=gettext("Choose a view first."))
    try:
        choose_default(
            merchant=merchant,
            livemode=livemode,
            kind=place.kind,
            user_id=None if for_team else request.user.pk,
            view=None if wanted == PLAIN else place.view(wanted),
            by=request.actor,
        )
    except ViewIsPrivate:
        return _all(request, place, problem=gettext("Share the view first: the team cannot open what only you see."))
    return _done(request, gettext("The list opens with it from now on."), place.url)


def _all(request: MerchantRequest, place: Place, problem: str = "") -> HttpResponse:
    context = {"here": place, "bar": place.bar, "problem": problem}
    return render(request, "merchant/saved_views/list.html", context, status=422 if problem else 200)


def _done(request: MerchantRequest, said: str, url: str) -> HttpResponse:
    messages.info(request, said)
    return redirect(url)


def _of_the_team(request: MerchantRequest) -> HttpResponse:
    return refusal.not_allowed_at(request, P.VIEWS_SHARE, request.merchant)
