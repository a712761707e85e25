"""The pages of incoming events as both faces answer them."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render

from billing.webhooks.replay import EventBusy, EventNotKept
from portal.web.events.listing import EventListing, list_context
from portal.web.events.replay import RangeForm
from portal.web.request import PublicRequest

LIST = "components/events/list.html"


def answer_list(request: PublicRequest, listing: EventListing, *, replay_url: str) -> HttpResponse:
    """``replay_url`` leads to the form for a range."""
    context = list_context(listing, replay_url=replay_url)
    if request.htmx and not request.htmx.history_restore_request and request.htmx.target == "results":
        status = 200 if listing.is_valid else 422
        response = render(request, f"{LIST}#swap", {**context, "swapped": True}, status=status)
        response["HX-Push-Url"] = str(listing.address)
        return response
    if not listing.address.is_tidy:
        return redirect(str(listing.address))
    return render(request, LIST, context)


def answer_panel(request: PublicRequest, listing: EventListing) -> HttpResponse:
    """The rows alone, for a list that keeps itself up to date."""
    if not request.htmx:
        return redirect(f"{listing.address}#results")
    return render(request, f"{LIST}#live", list_context(listing, swapped=True))


def answer_detail(request: PublicRequest, context: dict[str, Any]) -> HttpResponse:
    return render(request, "components/events/detail.html", context)


def answer_refused(request: PublicRequest, context: dict[str, Any], refused: EventBusy | EventNotKept) -> HttpResponse:
    """The event's page as it is now instead of a replay; 409."""
    facts = {**context, "busy": isinstance(refused, EventBusy)}
    return render(request, "components/events/detail.html", facts, status=409)


def answer_range(request: PublicRequest, form: RangeForm, *, list_url: str, matched: int | None = None) -> HttpResponse:
    """The form for a range; ``matched`` is what a dry run found."""
    context = {"form": form, "list_url": list_url, "matched": matched, "is_dry_run": matched is not None}
    return render(request, "components/events/replay.html", context, status=422 if form.errors else 200)
