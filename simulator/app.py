"""The HTTP edge of the API: ASGI in, the engine's answer out, broken where a switch says so."""

import asyncio
import json
from email.utils import formatdate
from typing import Any

from starlette.requests import Request as HttpRequest
from starlette.responses import Response as HttpResponse
from starlette.types import Receive, Scope, Send

from simulator.engine import Engine, Failure, Request, Response
from simulator.events.deliver import Deliverer
from simulator.faults import Fault, Faults
from simulator.protocol import idempotency
from simulator.protocol.errors import StripeError, crashed
from simulator.protocol.limits import too_many


class Api:
    """An ASGI application. ``deliverer`` is woken when a call left something to deliver."""

    def __init__(self, engine: Engine, faults: Faults, deliverer: Deliverer) -> None:
        self.engine = engine
        self.faults = faults
        self.deliverer = deliverer
        self._busy: set[tuple[str, str]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        http = HttpRequest(scope, receive)
        request = Request(
            http.method, scope["path"], scope["query_string"].decode("latin-1"), http.headers, await http.body()
        )
        faults = {fault.kind: fault for fault in self.faults.for_call(request.method, request.path)}
        response = await self._alone(request, faults)
        self.deliverer.wake()
        broken = faults.get("reset") or faults.get("cut")
        if broken:
            await _break(scope, send, response, broken)
            return
        answer = HttpResponse(response.body, response.status, response.headers, response.type)
        await answer(scope, receive, send)

    async def _alone(self, request: Request, faults: dict[str, Fault]) -> Response:
        """One request of an idempotency key at a time; another one meanwhile is a conflict."""
        key = request.headers.get("idempotency-key")
        if request.method != "POST" or key is None:
            return await self._answer(request, faults)
        mark = (request.headers.get("authorization", "") + request.headers.get("stripe-account", ""), key)
        if mark in self._busy:
            return self._refusal(idempotency.conflict(key))
        self._busy.add(mark)
        try:
            return await self._answer(request, faults)
        finally:
            self._busy.discard(mark)

    async def _answer(self, request: Request, faults: dict[str, Fault]) -> Response:
        limit, late, broken = faults.get("rate_limit"), faults.get("latency"), faults.get("reset")
        if limit:
            return self._refusal(too_many("endpoint-rate", limit.retry), limit.wait)
        if late and not late.after:
            await asyncio.sleep(late.seconds)
        if broken and not broken.after:
            return Response(500, b"")
        # Taken beside the work: time may be moved before the answer leaves, and it knows nothing of what happens then.
        date, failed = self._date(), faults.get("error")
        response = self.engine.perform(request, _failure(failed))
        response.headers |= date | _retry_after(failed.wait if failed else None)
        if late and late.after:
            await asyncio.sleep(late.seconds)
        return response

    def _refusal(self, error: StripeError, wait: int | None = None) -> Response:
        headers = {**error.headers, **self._date(), **_retry_after(wait)}
        return Response(error.status, json.dumps(error.body()).encode(), headers)

    def _date(self) -> dict[str, str]:
        """Virtual time, as clients take it from an answer."""
        return {"Date": formatdate(self.engine.clock.now(), usegmt=True)}


def _failure(fault: Fault | None) -> Failure | None:
    if fault is None:
        return None
    body = fault.body.encode() or json.dumps(crashed().body()).encode()
    return Failure(fault.status, body, fault.after, fault.kept)


def _retry_after(seconds: int | None) -> dict[str, str]:
    return {} if seconds is None else {"Retry-After": str(seconds)}


async def _break(scope: Scope, send: Send, response: Response, fault: Fault) -> None:
    """End the connection: at once, or after half of the body."""
    if fault.kind == "cut":
        headers = {**response.headers, "content-type": response.type, "content-length": str(len(response.body))}
        lines = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": response.status, "headers": lines})
        half = response.body[: len(response.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
    transport: Any = scope["state"]["transport"]
    if fault.kind == "cut":
        transport.close()
    else:
        transport.abort()
