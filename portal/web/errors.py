"""Answers to requests that cannot be served. The same words for a page and for a fragment; the id leads to the log."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.utils.cache import patch_vary_headers

from portal.web.request_id import request_id_of

RETRY_AFTER_SECONDS = 5
_DATABASE_AWAY = (OperationalError, InterfaceError)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return answer_error(request, 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403. A guard's exception may say which permission is missing and who can grant it, by these two attributes."""
    return answer_error(
        request,
        403,
        missing=getattr(exception, "missing", ""),
        granted_by=getattr(exception, "granted_by", ""),
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    # The exception's text may name the object that exists elsewhere: it is never shown.
    return answer_error(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500, or 503 while the database is away: nothing was done then, and the same request may be sent again."""
    if isinstance(sys.exception(), _DATABASE_AWAY):
        return answer_error(request, 503, retry_after=RETRY_AFTER_SECONDS)
    return answer_error(request, 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form that is too old or was opened before signing in. ``reason`` is for developers and not shown."""
    return answer_error(request, 403, stale_form=True)


def answer_error(request: HttpRequest, status: int, *, retry_after: int | None = None, **facts: object) -> HttpResponse:
    """The error page of ``status``; ``retry_after`` in seconds. Reads neither database nor session."""
    context = {"status": status, "request_id": request_id_of(request), "retry_after": retry_after, **facts}
    # Rendered without the request: context processors may need what is broken just now.
    html = loader.get_template(f"{status}.html").render(context)
    response = HttpResponse(html, status=status)
    response["Cache-Control"] = "no-store"
    if retry_after is not None:
        response["Retry-After"] = str(retry_after)
    patch_vary_headers(response, ("HX-Request", "HX-Target"))
    return response
