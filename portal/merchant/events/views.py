"""Events that processors sent about one merchant, for its developers."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from billing.access.verbs import P
from billing.merchants.models import Merchant
from billing.webhooks.models import WebhookEvent
from billing.webhooks.queries import EventRecord, load_record
from billing.webhooks.replay import EventBusy, EventNotKept, replay_event
from portal.access.guards import merchant_view
from portal.access.posted import posted
from portal.web.events.answers import answer_detail, answer_list, answer_panel, answer_range, answer_refused
from portal.web.events.detail import detail_context
from portal.web.events.listing import EventListing, load_listing
from portal.web.events.replay import RangeForm, replay_answer
from portal.web.request import MerchantRequest


@merchant_view(P.EVENTS_VIEW)
def events(request: MerchantRequest, merchant: Merchant, livemode: bool) -> HttpResponse:
    return answer_list(
        request, _listing(request, merchant, livemode), replay_url=_address(merchant, livemode, "events_replay")
    )


@merchant_view(P.EVENTS_VIEW)
def events_panel(request: MerchantRequest, merchant: Merchant, livemode: bool) -> HttpResponse:
    return answer_panel(request, _listing(request, merchant, livemode))


@merchant_view(P.EVENTS_VIEW)
def event(request: MerchantRequest, merchant: Merchant, livemode: bool, event: str) -> HttpResponse:
    return answer_detail(request, _context(request, merchant, livemode, _load(merchant, livemode, event)))


@merchant_view(P.EVENTS_REPLAY, methods=("POST",))
def event_replay(request: MerchantRequest, merchant: Merchant, livemode: bool, event: str) -> HttpResponse:
    record = _load(merchant, livemode, event)
    try:
        replayed = replay_event(event=record.event, by=request.actor)
    except (EventBusy, EventNotKept) as refused:
        return answer_refused(request, _context(request, merchant, livemode, record), refused)
    messages.info(request, replay_answer(replayed))
    return redirect(_address(merchant, livemode, "event", event=event))


@merchant_view(P.EVENTS_REPLAY, methods=("GET", "POST"))
def events_replay(request: MerchantRequest, merchant: Merchant, livemode: bool) -> HttpResponse:
    form = RangeForm(posted(request), zone=merchant.zone, for_staff=False, proposed=request.GET)
    list_url = _address(merchant, livemode, "events")
    return answer_range(request, form, list_url=list_url, merchant=merchant, livemode=livemode)


def _listing(request: MerchantRequest, merchant: Merchant, livemode: bool) -> EventListing:
    return load_listing(
        _address(merchant, livemode, "events"),
        request.GET,
        WebhookEvent.objects.for_merchant(merchant, livemode),
        accounts=merchant.connections.filter(livemode=livemode),
        zone=merchant.zone,
    )


def _load(merchant: Merchant, livemode: bool, public_id: str) -> EventRecord:
    try:
        return load_record(WebhookEvent.objects.for_merchant(merchant, livemode), public_id)
    except WebhookEvent.DoesNotExist:
        raise Http404 from None


def _context(request: MerchantRequest, merchant: Merchant, livemode: bool, record: EventRecord) -> dict[str, Any]:
    context = detail_context(
        request,
        record,
        zone=merchant.zone,
        list_url=_address(merchant, livemode, "events"),
        for_staff=False,
        replay_url=_address(merchant, livemode, "event_replay", event=record.event.public_id),
        may_replay=request.can(P.EVENTS_REPLAY),
    )
    return {**context, "payments_url": _address(merchant, livemode, "transactions")}


def _address(merchant: Merchant, livemode: bool, name: str, **more: str) -> str:
    kwargs = {"merchant": merchant.slug, "mode": "live" if livemode else "test", **more}
    return reverse(f"merchant:{name}", kwargs=kwargs)
