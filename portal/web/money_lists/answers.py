"""How the pages of all lists of money objects answer."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render

from portal.web.money_lists.listing import MoneyListing, list_context
from portal.web.narrowing import NarrowedPages
from portal.web.request import PublicRequest

LIST = "components/money_lists/list.html"


def answer_list(request: PublicRequest, listing: NarrowedPages, **more: Any) -> HttpResponse:
    """``more`` is for the template, beside the list."""
    part = request.htmx.target if request.htmx and not request.htmx.history_restore_request else ""
    if part == "filter-count":
        return render(request, "components/money_lists/filters.html#count", list_context(listing))
    if part == "results":
        response = render(
            request,
            f"{LIST}#swap",
            list_context(listing, swapped=True, **more),
            status=200 if listing.is_valid else 422,
        )
        response["HX-Push-Url"] = str(listing.address)
        return response
    if not listing.address.is_tidy:
        return redirect(str(listing.address))
    return render(request, LIST, list_context(listing, **more))


def answer_panel(request: PublicRequest, listing: NarrowedPages) -> HttpResponse:
    """The rows alone, for a list that keeps itself up to date: nothing outside of them moves."""
    if not request.htmx:
        return redirect(f"{listing.address}#results")
    return render(request, f"{LIST}#live", list_context(listing, swapped=True))


def answer_totals(request: PublicRequest, listing: MoneyListing[Any]) -> HttpResponse:
    """The totals of the whole result; wrong filters have none."""
    if not request.htmx:
        return redirect(listing.totals_page_url)
    status = 200 if listing.is_valid else 422
    return render(request, "components/money_lists/totals.html", {"listing": listing}, status=status)
