"""The pages of incoming events as both faces answer them."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from billing.idempotency.guard import KeyReused
from billing.merchants.models import Merchant
from billing.webhooks.replay import EventBusy, EventNotKept, RangeChanged
from portal.web import list_answers
from portal.web.events.listing import EventListing, list_context
from portal.web.events.replay import RangeForm, plan_context, replay_range, requeued_answer
from portal.web.request import PersonRequest, PublicRequest

LIST = "components/events/list.html"
REPLAY = "components/events/replay"


def answer_list(request: PublicRequest, listing: EventListing, *, replay_url: str) -> HttpResponse:
    """``replay_url`` leads to the form for a range."""
    return list_answers.answer_list(request, LIST, listing, list_context, replay_url=replay_url)


def answer_panel(request: PublicRequest, listing: EventListing) -> HttpResponse:
    """The rows alone, for a list that keeps itself up to date."""
    return list_answers.answer_rows(request, LIST, listing, list_context)


def answer_detail(request: PublicRequest, context: dict[str, Any]) -> HttpResponse:
    return render(request, "components/events/detail.html", context)


def answer_refused(request: PublicRequest, context: dict[str, Any], refused: EventBusy | EventNotKept) -> HttpResponse:
    """The event's page as it is now instead of a replay; 409."""
    facts = {**context, "busy": isinstance(refused, EventBusy)}
    return render(request, "components/events/detail.html", facts, status=409)


def answer_range(
    request: PersonRequest,
    form: RangeForm,
    *,
    list_url: str,
    merchant: Merchant | None = None,
    livemode: bool | None = None,
) -> HttpResponse:
    """The form for a range, then what a dry run found, then the replay: only what somebody saw counted is replayed."""
    context: dict[str, Any] = {"form": form, "list_url": list_url}
    if not form.is_valid():
        return render(request, f"{REPLAY}.html", context, status=422 if form.errors else 200)
    scope: dict[str, Any] = {"merchant": merchant, "livemode": livemode, "by": request.actor}
    stale = False
    if form.agrees:
        try:
            done = replay_range(form, dry_run=False, **scope)
        except (RangeChanged, KeyReused):
            stale = True
        else:
            messages.info(request, requeued_answer(done))
            return redirect(list_url)
    context |= plan_context(form, replay_range(form, dry_run=True, **scope), stale=stale)
    return render(request, f"{REPLAY}_plan.html", context, status=409 if stale else 200)
