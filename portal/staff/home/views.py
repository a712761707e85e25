"""Where staff arrive: how much waits for somebody, across merchants."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from billing.access.verbs import P
from portal.access.guards import staff_view
from portal.staff.home.asked import asked_or_said, render_asked
from portal.staff.home.cards import PAGE, render_card, render_cards
from portal.staff.modes import is_live
from portal.web.request import PersonRequest


@staff_view(P.OPS_HOME)
def home(request: PersonRequest) -> HttpResponse:
    """All cards at once: together they ask little, and one answer needs no script."""
    livemode = is_live(request.GET.get("mode", ""))
    modes = [(mode, f"{reverse('ops:home')}?mode={mode}", (mode == "live") == livemode) for mode in ("live", "test")]
    cards = render_cards(livemode, request.can, reference=request.request_id)
    if request.can(P.OPS_REFUND_ASK):
        cards.append(asked_or_said(request.actor, livemode, reference=request.request_id))
    return render(request, PAGE, {"cards": cards, "sides": modes, "is_live_side": livemode})


@staff_view(P.OPS_PAYMENTS_VIEW)
def home_money(request: PersonRequest) -> HttpResponse:
    return _card(request, "money")


@staff_view(P.OPS_EVENTS_VIEW)
def home_events(request: PersonRequest) -> HttpResponse:
    return _card(request, "events")


@staff_view(P.OPS_SYSTEM_VIEW)
def home_connections(request: PersonRequest) -> HttpResponse:
    return _card(request, "connections")


@staff_view(P.OPS_APPROVALS_DECIDE)
def home_approvals(request: PersonRequest) -> HttpResponse:
    return _card(request, "approvals")


@staff_view(P.OPS_REFUND_ASK)
def home_asked(request: PersonRequest) -> HttpResponse:
    livemode = is_live(request.GET.get("mode", ""))
    return HttpResponse(render_asked(request.actor, livemode)) if request.htmx else _whole(livemode, "asked")


def _card(request: PersonRequest, name: str) -> HttpResponse:
    livemode = is_live(request.GET.get("mode", ""))
    return HttpResponse(render_card(name, livemode)) if request.htmx else _whole(livemode, name)


def _whole(livemode: bool, name: str) -> HttpResponse:
    return redirect(f"{reverse('ops:home')}?mode={'live' if livemode else 'test'}#{name}")
