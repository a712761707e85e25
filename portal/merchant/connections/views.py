"""A merchant's connections to its processors: the list, the page of one, and what may be started there."""

from functools import partial
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from billing.access.verbs import P
from billing.merchants.models import Merchant
from billing.providers.models import ProviderAccount
from billing.sync.models import Finding, RunKind
from portal.access.guards import merchant_view
from portal.access.people_seen import sees_people
from portal.access.posted import posted
from portal.web.providers import acts
from portal.web.providers.answers import answer_findings, answer_panel, answer_sync_form
from portal.web.providers.findings import load_findings
from portal.web.providers.forms import SyncForm
from portal.web.providers.page import cards, load_account, page_context
from portal.web.request import MerchantRequest

LIST = "merchant/connections/list.html"


@merchant_view(P.CONNECTIONS_VIEW)
def connections(request: MerchantRequest, merchant: Merchant, livemode: bool) -> HttpResponse:
    return render(request, LIST, _list(request, merchant, livemode))


@merchant_view(P.CONNECTIONS_VIEW)
def connections_panel(request: MerchantRequest, merchant: Merchant, livemode: bool) -> HttpResponse:
    if not request.htmx:
        return redirect(f"{address(merchant, livemode, 'connections')}#cards")
    return render(request, f"{LIST}#cards", _list(request, merchant, livemode))


@merchant_view(P.CONNECTIONS_VIEW)
def connection(request: MerchantRequest, merchant: Merchant, livemode: bool, connection: str) -> HttpResponse:
    return render(request, acts.DETAIL, context_of(request, load(merchant, livemode, connection)))


@merchant_view(P.CONNECTIONS_VIEW)
def connection_panel(
    request: MerchantRequest, merchant: Merchant, livemode: bool, connection: str, panel: str
) -> HttpResponse:
    return answer_panel(request, context_of(request, load(merchant, livemode, connection)), panel)


@merchant_view(P.CONNECTIONS_VIEW)
def findings(request: MerchantRequest, merchant: Merchant, livemode: bool, connection: str) -> HttpResponse:
    account = load(merchant, livemode, connection)
    listing = load_findings(
        request.path,
        request.GET,
        Finding.objects.for_merchant(merchant, livemode).filter(account=account),
        events_url=_events_url(request, merchant, livemode),
        by_person=sees_people(request),
    )
    return answer_findings(request, listing, account, page_url=page_of(account))


@merchant_view(P.CONNECTIONS_MANAGE, methods=("POST",))
def connection_test(request: MerchantRequest, merchant: Merchant, livemode: bool, connection: str) -> HttpResponse:
    account = load(merchant, livemode, connection)
    return _act(request, account, partial(acts.test, account, by=request.actor))


@merchant_view(P.CONNECTIONS_MANAGE, methods=("POST",))
def connection_run(request: MerchantRequest, merchant: Merchant, livemode: bool, connection: str) -> HttpResponse:
    account = load(merchant, livemode, connection)
    return _act(request, account, partial(acts.run, account, request.POST.get("kind", ""), by=request.actor))


@merchant_view(P.CONNECTIONS_MANAGE, methods=("POST",))
def connection_cancel(request: MerchantRequest, merchant: Merchant, livemode: bool, connection: str) -> HttpResponse:
    account = load(merchant, livemode, connection)
    return _act(request, account, partial(acts.cancel, account, request.POST.get("run", ""), by=request.actor))


@merchant_view(P.CONNECTIONS_MANAGE, methods=("GET", "POST"))
def connection_sync(request: MerchantRequest, merchant: Merchant, livemode: bool, connection: str) -> HttpResponse:
    account = load(merchant, livemode, connection)
    form = SyncForm(posted(request), zone=merchant.zone)
    if not form.is_valid():
        return answer_sync_form(request, form, account, page_url=page_of(account))
    begin = partial(acts.run, account, RunKind.BACKFILL.value, by=request.actor, since=form.moment)
    return _act(request, account, begin)


def load(merchant: Merchant, livemode: bool, public_id: str) -> ProviderAccount:
    try:
        return load_account(ProviderAccount.objects.for_merchant(merchant, livemode), public_id)
    except ProviderAccount.DoesNotExist:
        raise Http404 from None


def context_of(request: MerchantRequest, account: ProviderAccount) -> dict[str, Any]:
    merchant, livemode = account.merchant, account.livemode
    return page_context(
        account,
        list_url=address(merchant, livemode, "connections"),
        events_url=_events_url(request, merchant, livemode),
        for_staff=False,
        may_manage=request.can(P.CONNECTIONS_MANAGE),
        may_run=request.can(P.CONNECTIONS_MANAGE),
    )


def page_of(account: ProviderAccount) -> str:
    return address(account.merchant, account.livemode, "connection", connection=account.public_id)


def address(merchant: Merchant, livemode: bool, name: str, **more: str) -> str:
    kwargs = {"merchant": merchant.slug, "mode": "live" if livemode else "test", **more}
    return reverse(f"merchant:{name}", kwargs=kwargs)


def _list(request: MerchantRequest, merchant: Merchant, livemode: bool) -> dict[str, Any]:
    found = cards(ProviderAccount.objects.for_merchant(merchant, livemode))
    return {
        "cards": found,
        "is_syncing": any(card.runs for card in found),
        "list_url": address(merchant, livemode, "connections"),
        "may_manage": request.can(P.CONNECTIONS_MANAGE),
    }


def _act(request: MerchantRequest, account: ProviderAccount, act: Any) -> HttpResponse:
    return acts.answer_act(request, act, page_url=page_of(account), context=lambda: context_of(request, account))


def _events_url(request: MerchantRequest, merchant: Merchant, livemode: bool) -> str:
    return address(merchant, livemode, "events") if request.can(P.EVENTS_VIEW) else ""
