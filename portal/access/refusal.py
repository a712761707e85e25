"""Answers for those who may not: sign in first, confirm first, ask somebody, slow down."""

import json

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext

from billing.access.verbs import P
from billing.merchants.models import Merchant
from portal.access.way_back import page_of, with_next
from portal.web.errors import answer_error
from portal.web.nav import address


def sign_in_first(request: HttpRequest) -> HttpResponse:
    return _go(request, with_next("account_login", page_of(request)), status=401)


def confirm_first(request: HttpRequest, page: str) -> HttpResponse:
    return _go(request, with_next("account_reauthenticate", page), status=401)


def not_allowed(request: HttpRequest, verb: P, *, granted_by: str) -> HttpResponse:
    """Names what is missing and who can grant it, so that the next step is a sentence to somebody."""
    if request.headers.get("HX-Request"):
        text = gettext("Your role does not let you %(act)s. It can be granted by %(who)s.")
        text %= {"act": verb.label, "who": granted_by}
        return HttpResponse(status=403, headers={"HX-Trigger": json.dumps({"portal:alert": {"text": text}})})
    return answer_error(request, 403, missing=str(verb.label), granted_by=granted_by)


def not_allowed_at(request: HttpRequest, verb: P, merchant: Merchant) -> HttpResponse:
    """The same on a merchant's pages."""
    who = gettext("an Owner or Admin of %(name)s") % {"name": merchant.name}
    return not_allowed(request, verb, granted_by=who)


def only_looking(request: HttpRequest, merchant: Merchant, mode: str) -> HttpResponse:
    """For staff on a merchant's pages, whatever it is that they may not do there."""
    text = gettext("You are looking at %(name)s as Counterfoil staff. Nothing can be changed here.")
    text %= {"name": merchant.name}
    if request.headers.get("HX-Request"):
        return HttpResponse(status=403, headers={"HX-Trigger": json.dumps({"portal:alert": {"text": text}})})
    back = address("merchant:home", {"merchant": merchant.slug, "mode": mode})
    return answer_error(request, 403, only_looking=text, back_url=back)


def visit_over(request: HttpRequest, merchant: Merchant) -> HttpResponse:
    """To where another one can be begun. Whoever has had one knows that the merchant exists."""
    text = gettext("You are no longer looking at %(name)s: you left, or the half hour was over.")
    if not _is_stream(request):
        messages.info(request, text % {"name": merchant.name})
    return _go(request, reverse("ops:merchant", kwargs={"merchant": merchant.slug}), status=401)


def too_fast(request: HttpRequest) -> HttpResponse:
    return answer_error(request, 429, retry_after=1)


def wrong_method(request: HttpRequest, allowed: set[str]) -> HttpResponse:
    response = answer_error(request, 405)
    response["Allow"] = ", ".join(sorted(allowed))
    return response


def _go(request: HttpRequest, url: str, *, status: int) -> HttpResponse:
    # A fragment must never be answered by a page: htmx moves the whole window instead.
    if request.headers.get("HX-Request"):
        return HttpResponse(status=status, headers={"HX-Redirect": url})
    # Nor a stream: nobody would see that page, and its messages would be gone.
    if _is_stream(request):
        return HttpResponse(status=status)
    return HttpResponseRedirect(url)


def _is_stream(request: HttpRequest) -> bool:
    return request.headers.get("Accept") == "text/event-stream"
