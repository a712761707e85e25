"""What a form of notes is answered with, on whatever page it stood."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from portal.web.notes import NoteForm
from portal.web.panel_answers import answer_done
from portal.web.request import PersonRequest

PANEL = "components/notes.html"
THREAD = f"{PANEL}#thread"


def answer_added(request: PersonRequest, context: dict[str, Any], page_url: str) -> HttpResponse:
    """The panel as it is now, with an empty form; without scripts the page."""
    if request.htmx:
        context["notes"].form.focus()
    return answer_done(request, PANEL, context, f"{page_url}#notes", gettext("Note added."))


def answer_refused(request: PersonRequest, page_template: str, context: dict[str, Any]) -> HttpResponse:
    """The panel, or without scripts the page, with what was typed and what is wrong with it."""
    form: NoteForm = context["form"]
    status = 409 if form.conflict else 422
    if not request.htmx:
        return render(request, page_template, context, status=status)
    return render(request, PANEL, {**context, "swapped": True}, status=status)
