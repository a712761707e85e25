"""One line a request: path without query string, because filters hold e-mail addresses and card endings.

Links that set a password or confirm an address are good for whoever reads them, so their tokens are left out, too.
"""

import re
import time
from collections.abc import Callable
from typing import Any

import structlog
from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest, HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from portal.web.address import client_address
from portal.web.request_id import request_id_of

logger = structlog.get_logger("portal.access_log")
_TOKEN = re.compile(r"^(/accounts/(?:invite|confirm-email|password/reset/key)/)[^/]+")
# Thousands a minute when all is well; what goes wrong there is logged by the door itself.
_QUIET = ("/webhooks/", "/healthz", "/readyz", "/metrics", "/static/")


@sync_and_async_middleware
def access_log_middleware(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Writes the line once the answer is known."""
    if iscoroutinefunction(get_response):

        async def log_async(request: HttpRequest) -> HttpResponseBase:
            started = time.monotonic()
            return _log(request, await get_response(request), started)

        return log_async

    def log(request: HttpRequest) -> HttpResponseBase:
        started = time.monotonic()
        return _log(request, get_response(request), started)

    return log


def _log(request: HttpRequest, response: HttpResponseBase, started: float) -> HttpResponseBase:
    if response.status_code >= 500 or not request.path.startswith(_QUIET):
        logger.info(
            "request",
            method=request.method,
            path=_TOKEN.sub(r"\1[redacted]", request.path)[:500],
            status=response.status_code,
            ms=round((time.monotonic() - started) * 1000),
            request_id=request_id_of(request),
            address=client_address(request),
        )
    return response
