"""Liveness, readiness and metrics, for whoever watches the installation."""

import hmac

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from prometheus_client import CONTENT_TYPE_LATEST

from portal.access.guards import public_view
from portal.health.measure import measure_commands, measure_queues
from portal.web.address import client_address
from portal.web.counters import told
from portal.web.dependencies import check_all

_LOOPBACK = {"127.0.0.1", "::1"}


@public_view(methods=("GET", "HEAD"))
def healthz(request: HttpRequest) -> HttpResponse:
    """This process answers."""
    return HttpResponse("ok", content_type="text/plain")


@public_view(methods=("GET", "HEAD"))
def readyz(request: HttpRequest) -> HttpResponse:
    """Whether pages and doors can do their work; without Redis they can."""
    checks = check_all()
    ready = all(check.ok or not check.needed for check in checks)
    body = {check.name: {"ok": check.ok, "needed": check.needed, "detail": check.detail} for check in checks}
    return JsonResponse({"ready": ready, "dependencies": body}, status=200 if ready else 503)


@public_view(methods=("GET",))
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' text, for the machine itself or for who holds the token."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    token = settings.METRICS_TOKEN
    by_token = bool(token) and hmac.compare_digest(given.encode(), token.encode())
    if not by_token and (token or client_address(request) not in _LOOPBACK):
        return HttpResponse("metrics need the token", status=403, content_type="text/plain")
    measure_queues()
    measure_commands()
    return HttpResponse(told(), content_type=CONTENT_TYPE_LATEST)
