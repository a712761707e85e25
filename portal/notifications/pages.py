"""The inbox under its bell, once for people of a merchant and once for staff."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import ngettext

from billing.access.verbs import P
from billing.merchants.models import Merchant
from portal.access.guards import merchant_view, staff_view
from portal.notifications.bell import bell_of, told_here
from portal.notifications.inbox import Place, inbox_of
from portal.notifications.notify import mark_read
from portal.web.request import MerchantRequest, PersonRequest

_Answer = HttpResponse | HttpResponseRedirect


@merchant_view(P.HOME_VIEW)
def inbox(request: MerchantRequest, merchant: Merchant, livemode: bool) -> _Answer:
    return _page(request)


@merchant_view(P.HOME_VIEW)
def inbox_list(request: MerchantRequest, merchant: Merchant, livemode: bool) -> _Answer:
    return _list(request)


@merchant_view(P.HOME_VIEW)
def inbox_bell(request: MerchantRequest, merchant: Merchant, livemode: bool) -> _Answer:
    return _bell(request)


@merchant_view(P.HOME_VIEW, methods=("POST",))
def inbox_read(request: MerchantRequest, merchant: Merchant, livemode: bool, notice: str) -> _Answer:
    return _read(request, notice)


@merchant_view(P.HOME_VIEW, methods=("POST",))
def inbox_read_all(request: MerchantRequest, merchant: Merchant, livemode: bool) -> _Answer:
    return _read_all(request)


@staff_view(P.OPS_HOME)
def ops_inbox(request: PersonRequest) -> _Answer:
    return _page(request)


@staff_view(P.OPS_HOME)
def ops_inbox_list(request: PersonRequest) -> _Answer:
    return _list(request)


@staff_view(P.OPS_HOME)
def ops_inbox_bell(request: PersonRequest) -> _Answer:
    return _bell(request)


@staff_view(P.OPS_HOME, methods=("POST",))
def ops_inbox_read(request: PersonRequest, notice: str) -> _Answer:
    return _read(request, notice)


@staff_view(P.OPS_HOME, methods=("POST",))
def ops_inbox_read_all(request: PersonRequest) -> _Answer:
    return _read_all(request)


def _page(request: PersonRequest) -> _Answer:
    return render(request, "notices/inbox.html", {"inbox": inbox_of(request)})


def _list(request: PersonRequest) -> _Answer:
    if not request.htmx:
        return _back(request)
    return render(request, "notices/inbox.html#results", {"inbox": inbox_of(request)})


def _bell(request: PersonRequest) -> _Answer:
    if not request.htmx:
        return _back(request)
    return render(request, "components/bell.html", {"bell": bell_of(request)})


def _read(request: PersonRequest, notice: str) -> _Answer:
    with transaction.atomic():
        told = told_here(request).filter(public_id=notice)
        if not told:
            raise Http404
        mark_read(notices=told)
    return _back(request)


def _read_all(request: PersonRequest) -> _Answer:
    with transaction.atomic():
        count = mark_read(notices=told_here(request).filter(read_at=None))
    said = ngettext("%(n)d notification marked as read.", "%(n)d notifications marked as read.", count)
    messages.success(request, said % {"n": count})
    return _back(request)


def _back(request: HttpRequest | Any) -> HttpResponseRedirect:
    return HttpResponseRedirect(Place.of(request).url("", request.GET.get("cursor", "")), status=303)
