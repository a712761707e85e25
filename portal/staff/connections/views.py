"""Connections of all merchants, for those who keep the system running. Keys and secrets are the merchants' own."""

from functools import partial
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from billing.access.verbs import P
from billing.providers.models import ProviderAccount
from billing.sync.models import Finding, RunKind
from portal.access.guards import staff_view
from portal.access.posted import posted
from portal.staff.connections.listing import load_listing
from portal.web.list_answers import answer_list, answer_rows
from portal.web.providers import acts
from portal.web.providers.answers import answer_findings, answer_panel, answer_sync_form
from portal.web.providers.findings import load_findings
from portal.web.providers.forms import SyncForm
from portal.web.providers.page import load_account, page_context
from portal.web.request import PersonRequest

LIST = "staff/connections/list.html"


@staff_view(P.OPS_SYSTEM_VIEW)
def connections(request: PersonRequest) -> HttpResponse:
    return answer_list(request, LIST, load_listing(reverse("ops:connections"), request.GET))


@staff_view(P.OPS_SYSTEM_VIEW)
def connections_panel(request: PersonRequest) -> HttpResponse:
    return answer_rows(request, LIST, load_listing(reverse("ops:connections"), request.GET))


@staff_view(P.OPS_SYSTEM_VIEW)
def connection(request: PersonRequest, connection: str) -> HttpResponse:
    return render(request, acts.DETAIL, _context(request, _load(connection)))


@staff_view(P.OPS_SYSTEM_VIEW)
def connection_panel(request: PersonRequest, connection: str, panel: str) -> HttpResponse:
    return answer_panel(request, _context(request, _load(connection)), panel)


@staff_view(P.OPS_SYSTEM_VIEW)
def findings(request: PersonRequest, connection: str) -> HttpResponse:
    account = _load(connection)
    found = Finding.objects.filter(account=account)
    listing = load_findings(request.path, request.GET, found, events_url=_events_url(request), by_person=False)
    return answer_findings(request, listing, account, page_url=_page(account))


@staff_view(P.OPS_CONNECTIONS_MANAGE, methods=("POST",))
def connection_test(request: PersonRequest, connection: str) -> HttpResponse:
    account = _load(connection)
    return _act(request, account, partial(acts.test, account, by=request.actor))


@staff_view(P.OPS_CONNECTIONS_MANAGE, methods=("POST",))
def connection_run(request: PersonRequest, connection: str) -> HttpResponse:
    account = _load(connection)
    return _act(request, account, partial(acts.run, account, request.POST.get("kind", ""), by=request.actor))


@staff_view(P.OPS_CONNECTIONS_MANAGE, methods=("POST",))
def connection_cancel(request: PersonRequest, connection: str) -> HttpResponse:
    account = _load(connection)
    return _act(request, account, partial(acts.cancel, account, request.POST.get("run", ""), by=request.actor))


@staff_view(P.OPS_CONNECTIONS_MANAGE, methods=("GET", "POST"))
def connection_sync(request: PersonRequest, connection: str) -> HttpResponse:
    account = _load(connection)
    form = SyncForm(posted(request), zone=account.merchant.zone)
    if not form.is_valid():
        return answer_sync_form(request, form, account, page_url=_page(account))
    begin = partial(acts.run, account, RunKind.BACKFILL.value, by=request.actor, since=form.moment)
    return _act(request, account, begin)


def _load(public_id: str) -> ProviderAccount:
    try:
        return load_account(ProviderAccount.objects.all(), public_id)
    except ProviderAccount.DoesNotExist:
        raise Http404 from None


def _context(request: PersonRequest, account: ProviderAccount) -> dict[str, Any]:
    return page_context(
        account,
        list_url=reverse("ops:connections"),
        events_url=_events_url(request),
        for_staff=True,
        may_manage=False,
        may_run=request.can(P.OPS_CONNECTIONS_MANAGE),
    )


def _act(request: PersonRequest, account: ProviderAccount, act: Any) -> HttpResponse:
    return acts.answer_act(request, act, page_url=_page(account), context=lambda: _context(request, account))


def _page(account: ProviderAccount) -> str:
    return reverse("ops:connection", kwargs={"connection": account.public_id})


def _events_url(request: PersonRequest) -> str:
    return reverse("ops:events") if request.can(P.OPS_EVENTS_VIEW) else ""
