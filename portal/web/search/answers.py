"""The answers of every face's search: the page, the palette, and what was searched for lately."""

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from billing.merchants.models import Merchant
from portal.web.request import PersonRequest
from portal.web.search.desk import Desk
from portal.web.search.examples import examples
from portal.web.search.reading import LONGEST
from portal.web.search.recent import forget_searches, recent_searches, remember_search
from portal.web.search.results import LABELS, MOST, SHOWN, Results

PAGE = "components/search/page.html"
PALETTE = "components/search/palette.html"
# What to try instead, by whether the reader may find people.
FOUND_BY = {
    True: _("Whole ids and addresses are found, last digits with an amount, and how a reference or name begins."),
    False: _("Whole ids are found, last digits with an amount, and how a reference begins."),
}


def typed(request: PersonRequest) -> str:
    """What is searched for, as it was typed but for spaces around it."""
    return request.GET.get("q", "").strip()


def show_page(request: PersonRequest, desk: Desk) -> HttpResponse:
    """The groups of what was found, or one of them in full. What names one object leads to its page at once."""
    kind = request.GET.get("in", "")
    kind = kind if kind in LABELS else ""
    results = desk.answer(typed(request), limit=MOST if kind else SHOWN)
    if results.jump and not kind and "stay" not in request.GET:
        return redirect(results.jump)
    groups = [group for group in results.groups if not kind or group.kind == kind]
    context = {**_context(request, desk, results), "groups": groups, "kind": kind, "label": LABELS.get(kind, "")}
    context["examples"] = [] if groups else examples(desk)
    return render(request, PAGE, context, status=422 if results.problems else 200)


def show_palette(request: PersonRequest, desk: Desk) -> HttpResponse:
    """The same as options of a combobox; before anything is typed, what was searched for lately and all pages."""
    text = typed(request)
    if "HX-Request" not in request.headers:
        return redirect(desk.address(text) if text else desk.url)
    results = desk.answer(text)
    return render(request, PALETTE, {**_context(request, desk, results), "groups": results.groups})


def keep_recent(request: PersonRequest, desk: Desk) -> HttpResponse:
    """Remembers ``q``, or forgets all with ``clear``; leads back to the page, unless a script asks with ``quiet``."""
    text = request.POST.get("q", "").strip().replace("\x00", "")
    if "clear" in request.POST:
        forget_searches(**_whose(request))
    elif text and len(text) <= LONGEST:
        remember_search(**_whose(request), text=text)
    if "HX-Request" in request.headers or "quiet" in request.POST:
        return HttpResponse(status=204)
    page = desk.address(text, stay="1") if text and "clear" not in request.POST else desk.url
    return HttpResponseRedirect(page, status=303)


def _context(request: PersonRequest, desk: Desk, results: Results) -> dict[str, Any]:
    recent = [] if results.text else recent_searches(**_whose(request))
    return {
        "results": results,
        "desk": desk,
        "face": desk.places.face,
        "recent": [(text, desk.address(text)) for text in recent],
        "pages": [] if results.text else desk.places.pages(),
        "page_url": desk.address(results.text, stay="1"),
        "found_by": FOUND_BY[desk.teller.by_person],
        "longest": LONGEST,
    }


def _whose(request: PersonRequest) -> dict[str, Any]:
    merchant: Merchant | None = getattr(request, "merchant", None)
    return {"user_id": request.user.pk, "merchant": merchant, "livemode": bool(getattr(request, "livemode", False))}
