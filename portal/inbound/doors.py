"""Runs the doors for machines in front of the stack that pages need: no session, no person, no cookie, no form.

Bodies are read on the event loop. One thread runs the views: what arrives while one batch is being committed makes the
next batch, and nobody is answered before the commit of theirs.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, MutableMapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, lru_cache
from io import BytesIO
from typing import Any

from csp.middleware import CSPMiddleware
from django.core.handlers.asgi import ASGIRequest
from django.core.handlers.exception import convert_exception_to_response
from django.core.signals import request_finished, request_started
from django.db import Error, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.middleware.security import SecurityMiddleware
from django.urls import ResolverMatch, resolve

from billing.webhooks.keep import together
from portal.inbound.views import LARGEST_BODY
from portal.web.headers import headers_middleware
from portal.web.request_id import request_id_middleware

PREFIX = "/webhooks/"
LARGEST_BATCH = 64
# No connection's address is longer, and strangers choose paths: they must not fill the memory.
LONGEST_REMEMBERED = 100
_DRESSERS = (CSPMiddleware, SecurityMiddleware, headers_middleware)

Message = MutableMapping[str, Any]
View = Callable[[HttpRequest], HttpResponse]
Delivery = tuple[Message, bytes]
# And the headers that it has unless it sets them itself.
Answer = tuple[HttpResponse, dict[bytes, bytes]]
_thread = ThreadPoolExecutor(1, thread_name_prefix="doors")


async def doors(
    scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
) -> None:
    """An ASGI application for addresses under ``PREFIX``."""
    body = await _read(receive)
    if body is None:
        return
    response, dress = await _line.answer((scope, body))
    own = {name.lower().encode("latin-1"): value.encode("latin-1") for name, value in response.items()}
    own[b"content-length"] = b"%d" % len(response.content)
    await send({"type": "http.response.start", "status": response.status_code, "headers": [*{**dress, **own}.items()]})
    await send({"type": "http.response.body", "body": response.content})


async def _read(receive: Callable[[], Awaitable[Message]]) -> bytes | None:
    """The body, or as much of it as shows that it is too large; None when the sender went away."""
    # A strange sender's million little pieces must not each copy all that came before.
    body = bytearray()
    while len(body) <= LARGEST_BODY:
        message = await receive()
        if message["type"] != "http.request":
            return None
        body += message.get("body", b"")
        if not message.get("more_body", False):
            break
    return bytes(body)


class _Line:
    """Deliveries wait here for the thread. Belongs to one event loop."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Delivery, asyncio.Future[Answer]]] = []
        self._work: asyncio.Task[None] | None = None

    async def answer(self, delivery: Delivery) -> Answer:
        answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((delivery, answered))
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._serve())
        return await answered

    async def _serve(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:LARGEST_BATCH], self._waiting[LARGEST_BATCH:]
            deliveries = [delivery for delivery, _ in batch]
            work = asyncio.get_running_loop().run_in_executor(_thread, _answer_all, deliveries)
            await asyncio.wait([work])
            failure = work.exception()
            for place, (_, answered) in enumerate(batch):
                # The sender may have gone away meanwhile.
                if answered.done():
                    continue
                if failure is None:
                    answered.set_result(work.result()[place])
                else:
                    answered.set_exception(failure)


_line = _Line()


def _answer_all(deliveries: Sequence[Delivery]) -> list[Answer]:
    # The signals renew this thread's database connection and give it back.
    request_started.send(sender=doors)
    try:
        with together():
            return list(_answers(deliveries))
    except Error:
        # Each for itself then: a row that PostgreSQL refuses takes no other with it.
        return list(_answers(deliveries))
    finally:
        request_finished.send(sender=doors)


def _answers(deliveries: Sequence[Delivery]) -> Iterator[Answer]:
    """Once PostgreSQL cannot be reached, nobody waits for that again: it may take seconds."""
    away = False
    for delivery in deliveries:
        answer = _answer(delivery, _shut if away else _view)
        line = connection.connection
        away = away or (answer[0].status_code == 503 and (line is None or bool(line.closed)))
        yield answer


def _answer(delivery: Delivery, view: View) -> Answer:
    scope, body = delivery
    request = ASGIRequest(scope, BytesIO(body))
    return view(request), _dress(request.is_secure())


def _resolved(request: HttpRequest) -> HttpResponse:
    path = request.path_info
    find = _remembered if len(path) <= LONGEST_REMEMBERED else resolve
    match = request.resolver_match = find(path)
    response: HttpResponse = match.func(request, *match.args, **match.kwargs)
    return response


def _away(request: HttpRequest) -> HttpResponse:
    raise OperationalError("PostgreSQL was away a moment ago")


_view: View = request_id_middleware(convert_exception_to_response(_resolved))
_shut: View = request_id_middleware(convert_exception_to_response(_away))


@lru_cache(maxsize=1024)
def _remembered(path: str) -> ResolverMatch:
    return resolve(path)


@cache
def _dress(secure: bool) -> dict[bytes, bytes]:
    """The headers that every answer of the site carries, as its own middlewares put them on an empty one."""
    scope = {"type": "http", "method": "POST", "path": PREFIX, "scheme": "https" if secure else "http"}
    empty = HttpResponse()
    dress: Any = lambda request: HttpResponse()  # noqa: E731
    for middleware in _DRESSERS:
        dress = middleware(dress)
    dressed = dress(ASGIRequest(scope, BytesIO()))
    return {name.lower().encode(): value.encode() for name, value in dressed.items() if name not in empty}
