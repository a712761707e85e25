"""Security headers that Django's SecurityMiddleware and django-csp leave out."""

from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

_HEADERS = {
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


@sync_and_async_middleware
def headers_middleware(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Dresses every answer, errors and fragments included, and refuses TRACE."""
    if iscoroutinefunction(get_response):

        async def dress_async(request: HttpRequest) -> HttpResponseBase:
            if request.method == "TRACE":
                return _dress(_refuse_trace())
            answer: Awaitable[HttpResponseBase] = get_response(request)
            return _dress(await answer)

        return dress_async

    def dress(request: HttpRequest) -> HttpResponseBase:
        return _dress(_refuse_trace() if request.method == "TRACE" else get_response(request))

    return dress


def _refuse_trace() -> HttpResponse:
    # TRACE would read back cookies that scripts cannot see.
    return HttpResponse(status=405, headers={"Allow": "GET, HEAD, POST"})


def _dress(response: HttpResponseBase) -> HttpResponseBase:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if settings.SECURE_HSTS_SECONDS:
        # Django's own waits for a request that came over TLS; behind a proxy none ever does.
        response.headers.setdefault("Strict-Transport-Security", f"max-age={settings.SECURE_HSTS_SECONDS}")
    return response
