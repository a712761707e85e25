"""/me/sessions/: where this person is signed in, and sign-out from afar."""

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext

from billing.audit.record import record
from portal.access.guards import person_view
from portal.accounts.change_password import end_sessions
from portal.accounts.session import Session
from portal.web.request import PersonRequest


@person_view()
def sessions(request: PersonRequest) -> HttpResponse:
    return render(request, "me/sessions.html", _listed(request))


@person_view()
def sessions_list(request: PersonRequest) -> HttpResponse:
    if not request.htmx:
        return redirect(reverse("me:sessions") + "#results")
    return render(request, "me/sessions.html#results", _listed(request))


@person_view(methods=("POST",))
def end_one(request: PersonRequest, session: str) -> HttpResponse:
    with transaction.atomic():
        row = Session.objects.select_for_update().filter(user=request.user, public_id=session).first()
        if row is None or row.session_key == request.session.session_key:
            raise Http404
        row.delete()
        _record(request, 1)
    messages.success(request, f"{row.device or 'That session'} is signed out.")
    return HttpResponseRedirect(reverse("me:sessions"), status=303)


@person_view(methods=("POST",))
def end_others(request: PersonRequest) -> HttpResponse:
    with transaction.atomic():
        ended = end_sessions(user=request.user, spare=request.session.session_key)
        if ended:
            _record(request, ended)
    messages.success(request, gettext("All other sessions are signed out."))
    return HttpResponseRedirect(reverse("me:sessions"), status=303)


def _listed(request: PersonRequest) -> dict[str, object]:
    rows = Session.living(request.user).order_by("-last_seen_at")
    return {"rows": rows, "here": request.session.session_key}


def _record(request: PersonRequest, ended: int) -> None:
    record(
        merchant_id=None,
        actor=request.actor,
        action="person.sessions_ended",
        object_type="user",
        object_id=request.user.public_id,
        after={"sessions": ended},
    )
