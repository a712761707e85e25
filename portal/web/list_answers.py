"""How the pages of a list answer: as a whole, the part that another address of it changes, or its rows alone."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render

from portal.web.counting import CountedPages
from portal.web.request import PublicRequest

Describe = Callable[..., dict[str, Any]]
"""Makes a template's context of a listing, with more beside it by name."""


def list_context(listing: CountedPages, **more: Any) -> dict[str, Any]:
    """For lists whose templates ask their listing for all else."""
    return {"listing": listing, "table": listing.table, **more}


def part_asked(request: PublicRequest) -> str:
    """The id of what htmx is about to replace; empty where it is the page, as for whoever comes back to it."""
    return request.htmx.target or "" if request.htmx and not request.htmx.history_restore_request else ""


def answer_list(
    request: PublicRequest, template: str, listing: Any, describe: Describe = list_context, **more: Any
) -> HttpResponse:
    """``listing`` is a CountedPages, which ``describe`` knows more closely; ``more`` is for the template."""
    if part_asked(request) == "results":
        status = 200 if listing.is_valid else 422
        response = render(request, f"{template}#swap", describe(listing, swapped=True, **more), status=status)
        response["HX-Push-Url"] = listing.url
        return response
    if not listing.is_tidy:
        return redirect(listing.url)
    return render(request, template, describe(listing, **more))


def answer_rows(request: PublicRequest, template: str, listing: Any, describe: Describe = list_context) -> HttpResponse:
    """The rows alone, for a list that keeps itself up to date: nothing outside of them moves."""
    if not request.htmx:
        return redirect(f"{listing.url}#results")
    return render(request, f"{template}#live", describe(listing, swapped=True))
