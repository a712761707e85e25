"""What a form in a panel of a page is answered with once it is done, on whatever page it stood."""

import json
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from portal.web.request import PersonRequest


def answer_done(request: PersonRequest, panel: str, context: dict[str, Any], panel_url: str, done: str) -> HttpResponse:
    """``panel`` is the template of what takes its place; without scripts one goes on to ``panel_url``, on the page.
    ``done`` is told in both."""
    if not request.htmx:
        messages.info(request, done)
        return redirect(panel_url)
    response = render(request, panel, {**context, "swapped": True})
    response["HX-Trigger"] = json.dumps({"portal:toast": {"text": done}})
    return response
