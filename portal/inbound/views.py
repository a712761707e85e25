"""The webhook door. Nothing of an unverified body is kept, logged or answered."""

import structlog
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from billing.providers.base import CallbackRefused
from billing.webhooks.receive import UnknownConnection, receive
from portal.access.guards import public_view
from portal.web.address import client_address
from portal.web.counters import DELIVERIES

LARGEST_BODY = 1024 * 1024
logger = structlog.get_logger(__name__)


@csrf_exempt
@public_view(methods=("POST",))
def deliver(request: HttpRequest, provider: str, connection: str) -> HttpResponse:
    """2xx only after the row is committed; 400 what does not verify, 404 an unknown connection, 413 over 1 MiB."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    if headers.get("content-encoding", "identity").lower() != "identity":
        return _refuse(415, "compressed bodies are not accepted")
    body = _read(request)
    if body is None:
        return _refuse(413, "the body is larger than 1 MiB")
    try:
        receive(
            provider=provider,
            connection_id=connection,
            body=body,
            headers=headers,
            address=client_address(request) or "",
        )
    except UnknownConnection:
        return _refuse(404, "no such connection")
    except CallbackRefused as refused:
        return _refuse(400, str(refused))
    DELIVERIES.labels("kept").inc()
    return HttpResponse("kept", content_type="text/plain")


def _read(request: HttpRequest) -> bytes | None:
    length = request.headers.get("Content-Length", "0")
    if not (length.isascii() and length.isdigit()) or int(length) > LARGEST_BODY:
        return None
    # One byte more than allowed, because a chunked body announces no length.
    body: bytes = request.read(LARGEST_BODY + 1)
    return body if len(body) <= LARGEST_BODY else None


def _refuse(status: int, reason: str) -> HttpResponse:
    DELIVERIES.labels(str(status)).inc()
    logger.info("delivery refused", status=status, reason=reason)
    return HttpResponse(reason, status=status, content_type="text/plain")
