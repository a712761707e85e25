"""The inbox under its bell, once for people of a merchant and once for staff."""

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import ngettext

from billing.access.verbs import P
from billing.merchants.models import Merchant
from portal.access.guards import merchant_view, staff_view
from portal.notifications.bell import bell_of, told_here
from portal.notifications.inbox import Place, inbox_of
from portal.notifications.notify import mark_read
from portal.web.request import MerchantRequest, PersonRequest


@merchant_view(P.HOME_VIEW)
def inbox(request: MerchantRequest, merchant: Merchant, livemode: bool) -> HttpResponse:
    return _page(request)


@merchant_view(P.HOME_VIEW)
def inbox_list(request: MerchantRequest, merchant: Merchant, livemode: bool) -> HttpResponse:
    return _list(request)


@merchant_view(P.HOME_VIEW)
def inbox_bell(request: MerchantRequest, merchant: Merchant, livemode: bool) -> HttpResponse:
    return _bell(request)


@merchant_view(P.HOME_VIEW, methods=("POST",))
def inbox_read(request: MerchantRequest, merchant: Merchant, livemode: bool) -> HttpResponse:
    return _read(request)


@staff_view(P.OPS_HOME)
def ops_inbox(request: PersonRequest) -> HttpResponse:
    return _page(request)


@staff_view(P.OPS_HOME)
def ops_inbox_list(request: PersonRequest) -> HttpResponse:
    return _list(request)


@staff_view(P.OPS_HOME)
def ops_inbox_bell(request: PersonRequest) -> HttpResponse:
    return _bell(request)


@staff_view(P.OPS_HOME, methods=("POST",))
def ops_inbox_read(request: PersonRequest) -> HttpResponse:
    return _read(request)


def _page(request: PersonRequest) -> HttpResponse:
    return render(request, "notices/inbox.html", {"inbox": inbox_of(request)})


def _list(request: PersonRequest) -> HttpResponse:
    if not request.htmx:
        return redirect(Place.of(request).url(""))
    return render(request, "notices/inbox.html#results", {"inbox": inbox_of(request)})


def _bell(request: PersonRequest) -> HttpResponse:
    if not request.htmx:
        return redirect(Place.of(request).url(""))
    return render(request, "components/bell.html", {"bell": bell_of(request)})


def _read(request: PersonRequest) -> HttpResponse:
    """The one that the form names, or all that is unread here."""
    told, one = told_here(request), request.POST.get("notice", "")
    told = told.filter(public_id=one) if one else told.filter(read_at=None)
    with transaction.atomic():
        if one and not told.exists():
            raise Http404
        count = mark_read(notices=told)
    if not one:
        said = ngettext("%(n)d notification marked as read.", "%(n)d notifications marked as read.", count)
        messages.success(request, said % {"n": count})
    return HttpResponseRedirect(Place.of(request).url("", request.POST.get("cursor", "")), status=303)
