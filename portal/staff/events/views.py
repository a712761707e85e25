"""Events of all merchants, for those who keep the system running."""

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from billing.access.verbs import P
from billing.providers.models import ProviderAccount
from billing.webhooks.models import WebhookEvent
from billing.webhooks.queries import EventRecord, load_record
from billing.webhooks.replay import EventBusy, EventNotKept, replay_event
from portal.access.guards import staff_view
from portal.access.posted import posted
from portal.web.events.answers import answer_detail, answer_list, answer_panel, answer_range, answer_refused
from portal.web.events.detail import detail_context
from portal.web.events.listing import EventListing, load_listing
from portal.web.events.replay import RangeForm, replay_answer
from portal.web.request import PersonRequest


@staff_view(P.OPS_EVENTS_VIEW)
def events(request: PersonRequest) -> HttpResponse:
    return answer_list(request, _listing(request), replay_url=reverse("ops:events_replay"))


@staff_view(P.OPS_EVENTS_VIEW)
def events_panel(request: PersonRequest) -> HttpResponse:
    return answer_panel(request, _listing(request))


@staff_view(P.OPS_EVENTS_VIEW)
def event(request: PersonRequest, event: str) -> HttpResponse:
    return answer_detail(request, _context(request, _load(event)))


@staff_view(P.OPS_EVENTS_REPLAY, methods=("POST",))
def event_replay(request: PersonRequest, event: str) -> HttpResponse:
    record = _load(event)
    try:
        replayed = replay_event(event=record.event, by=request.actor)
    except (EventBusy, EventNotKept) as refused:
        return answer_refused(request, _context(request, record), refused)
    messages.info(request, replay_answer(replayed))
    return redirect("ops:event", event=event)


@staff_view(P.OPS_EVENTS_REPLAY, methods=("GET", "POST"))
def events_replay(request: PersonRequest) -> HttpResponse:
    form = RangeForm(posted(request), zone=reader_zone(request), for_staff=True, proposed=request.GET)
    return answer_range(request, form, list_url=reverse("ops:events"))


def reader_zone(request: PersonRequest) -> ZoneInfo:
    """Staff read pages of all merchants in a zone of their own."""
    return ZoneInfo(request.user.timezone or "UTC")


def _listing(request: PersonRequest) -> EventListing:
    return load_listing(
        reverse("ops:events"),
        request.GET,
        WebhookEvent.objects.all(),
        accounts=ProviderAccount.objects.all(),
        zone=reader_zone(request),
        for_staff=True,
    )


def _load(public_id: str) -> EventRecord:
    try:
        return load_record(WebhookEvent.objects.all(), public_id)
    except WebhookEvent.DoesNotExist:
        raise Http404 from None


def _context(request: PersonRequest, record: EventRecord) -> dict[str, Any]:
    return detail_context(
        request,
        record,
        zone=reader_zone(request),
        list_url=reverse("ops:events"),
        for_staff=True,
        replay_url=reverse("ops:event_replay", kwargs={"event": record.event.public_id}),
        may_replay=request.can(P.OPS_EVENTS_REPLAY),
    )
