"""How the page of an object that is somebody's and its parts answer, on whatever face it stands."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from billing.customers.reveal import reveal_people
from portal.web.note_answers import answer_added, answer_refused
from portal.web.notes import NoteForm
from portal.web.people.page import REVEALED, PeoplePage
from portal.web.request import PersonRequest


def answer_page(request: PersonRequest, page: PeoplePage) -> HttpResponse:
    return render(request, page.template, page.context)


def answer_panel(request: PersonRequest, page: PeoplePage, panel: str) -> HttpResponse:
    if panel not in page.panels:
        raise Http404
    if not request.htmx:
        return redirect(f"{page.url}{page.suffix}#{panel}")
    return render(request, page.panels[panel], page.context)


def answer_reveal(request: PersonRequest, page: PeoplePage) -> HttpResponse:
    """Shows the people behind the object for a while, where anything hides them."""
    if page.sight.changes:
        kind, public_id = page.subject.kind, page.subject.public_id
        reveal_people(merchant=page.merchant, object_type=kind, object_id=public_id, by=request.actor)
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Trigger": REVEALED})
    return redirect(f"{page.url}{page.suffix}#customer")


def answer_note(request: PersonRequest, page: PeoplePage) -> HttpResponse:
    """Writes what the form says; a GET comes from somebody who signed in again on the way from a refused form."""
    if request.method == "GET":
        return redirect(f"{page.url}{page.suffix}#notes")
    form = NoteForm(request.POST, for_staff=page.face.for_staff)
    if form.is_valid() and form.write(
        merchant=page.merchant, livemode=page.livemode, subject=page.subject, by=request.actor
    ):
        return answer_added(request, page.context, f"{page.url}{page.suffix}")
    page.form = form
    return answer_refused(request, page.template, {**page.context, "form": form})
