"""How the pages of all lists of money objects answer."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render

from portal.web import list_answers
from portal.web.money_lists.listing import MoneyListing, list_context
from portal.web.narrowing import NarrowedPages
from portal.web.request import PublicRequest

LIST = "components/money_lists/list.html"


def answer_list(request: PublicRequest, listing: NarrowedPages, **more: Any) -> HttpResponse:
    """``more`` is for the template, beside the list."""
    if list_answers.part_asked(request) == "filter-count":
        return render(request, "components/money_lists/filters.html#count", list_context(listing))
    return list_answers.answer_list(request, LIST, listing, list_context, **more)


def answer_panel(request: PublicRequest, listing: NarrowedPages) -> HttpResponse:
    return list_answers.answer_rows(request, LIST, listing, list_context)


def answer_totals(request: PublicRequest, listing: MoneyListing[Any]) -> HttpResponse:
    """The totals of the whole result; wrong filters have none."""
    if not request.htmx:
        return redirect(listing.totals_page_url)
    status = 200 if listing.is_valid else 422
    return render(request, "components/money_lists/totals.html", {"listing": listing}, status=status)
