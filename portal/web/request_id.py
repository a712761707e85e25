"""Gives every request an id, so that a person's report, a log line and an audit row can be put together."""

import re
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest, HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

HEADER = "X-Request-ID"
_ACCEPTABLE = re.compile(r"[A-Za-z0-9._-]{8,64}", re.ASCII)


def new_request_id() -> str:
    return "req_" + secrets.token_hex(8)


def request_id_of(request: HttpRequest) -> str:
    """The request's id; a new one where the middleware has not run, as in a test of one view."""
    return getattr(request, "request_id", "") or new_request_id()


@sync_and_async_middleware
def request_id_middleware(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Sets ``request.request_id`` and answers it. A caller's own id is kept when it is plainly an id."""
    if iscoroutinefunction(get_response):

        async def identify_async(request: HttpRequest) -> HttpResponseBase:
            _identify(request)
            answer: Awaitable[HttpResponseBase] = get_response(request)
            return _answer(request, await answer)

        return identify_async

    def identify(request: HttpRequest) -> HttpResponseBase:
        _identify(request)
        return _answer(request, get_response(request))

    return identify


def _identify(request: HttpRequest) -> None:
    offered = request.headers.get(HEADER, "")
    request.request_id = offered if _ACCEPTABLE.fullmatch(offered) else new_request_id()  # type: ignore[attr-defined]


def _answer(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    response.headers[HEADER] = request_id_of(request)
    return response
