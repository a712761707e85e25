"""Money requests of which nobody knows what came, for staff who settle them."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext

from billing.access.verbs import P
from billing.commands.by_hand import CallUnderWay, NotInDoubt, try_again
from billing.retry import StillLocked
from portal.access.draft import kept_fields
from portal.access.guards import staff_view
from portal.access.posted import posted
from portal.staff.commands.forms import SettleForm
from portal.staff.commands.listing import load_listing
from portal.staff.commands.page import open_page
from portal.staff.commands.words import CONFLICTS, REFUSALS, why_not
from portal.web.list_answers import answer_list, answer_rows
from portal.web.request import PersonRequest

LIST, DETAIL, SETTLE = (f"staff/commands/{name}.html" for name in ("list", "detail", "settle"))


@staff_view(P.OPS_COMMANDS_VIEW)
def commands(request: PersonRequest) -> HttpResponse:
    return answer_list(request, LIST, load_listing(reverse("ops:commands"), request.GET))


@staff_view(P.OPS_COMMANDS_VIEW)
def commands_panel(request: PersonRequest) -> HttpResponse:
    return answer_rows(request, LIST, load_listing(reverse("ops:commands"), request.GET))


@staff_view(P.OPS_COMMANDS_VIEW)
def command(request: PersonRequest, command: str) -> HttpResponse:
    return render(request, DETAIL, open_page(request, command).context)


@staff_view(P.OPS_COMMANDS_VIEW)
def command_panel(request: PersonRequest, command: str) -> HttpResponse:
    page = open_page(request, command)
    if not request.htmx:
        return redirect(page.url)
    return render(request, f"{DETAIL}#standing", page.context)


@staff_view(P.OPS_COMMANDS_SETTLE, methods=("GET", "POST"), step_up=True)
def command_try(request: PersonRequest, command: str) -> HttpResponse:
    page = open_page(request, command)
    if request.method == "GET":
        # Somebody signed in again, or proved who they are, on the way.
        return redirect(page.url)
    try:
        try_again(command=page.command, by=request.actor)
    except (NotInDoubt, CallUnderWay, StillLocked) as refused:
        return _conflict(request, command, refused)
    messages.success(request, gettext("A worker takes it within moments."))
    return HttpResponseRedirect(page.url, status=303)


@staff_view(P.OPS_COMMANDS_SETTLE, methods=("GET", "POST"), step_up=True)
def command_settle(request: PersonRequest, command: str) -> HttpResponse:
    page = open_page(request, command)
    if not page.can_be_settled:
        return _conflict(request, command, page.why_not_settled)
    form, problem = SettleForm(posted(request), command=page.command, kept=kept_fields(request)), ""
    try:
        if form.is_valid():
            messages.success(request, form.settle(by=request.actor))
            return HttpResponseRedirect(page.url, status=303)
    except CONFLICTS as refused:
        return _conflict(request, command, refused)
    except StillLocked as refused:
        problem = why_not(refused)
    except REFUSALS as refused:
        form.refuse(refused)
    status = 409 if problem else 422 if form.errors else 200
    return render(request, SETTLE, {**page.context, "form": form, "problem": problem}, status=status)


def _conflict(request: PersonRequest, command: str, refused: Exception) -> HttpResponse:
    """The request as it is now, with what changed meanwhile; 409."""
    return render(request, DETAIL, {**open_page(request, command).context, "problem": why_not(refused)}, status=409)
