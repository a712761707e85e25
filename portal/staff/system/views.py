"""The state of the system: what its queues hold, and whether its parts answer."""

from django.http import HttpResponse
from django.shortcuts import redirect, render

from billing.access.verbs import P
from portal.access.guards import staff_view
from portal.staff.system.health import health_context
from portal.staff.system.queues import queues_context
from portal.web.request import PersonRequest

JOBS = "staff/system/jobs.html"
HEALTH = "staff/system/health.html"


@staff_view(P.OPS_SYSTEM_VIEW)
def jobs(request: PersonRequest) -> HttpResponse:
    return render(request, JOBS, queues_context(request))


@staff_view(P.OPS_SYSTEM_VIEW)
def jobs_panel(request: PersonRequest) -> HttpResponse:
    if not request.htmx:
        return redirect("ops:jobs")
    return render(request, f"{JOBS}#queues", queues_context(request))


@staff_view(P.OPS_SYSTEM_VIEW)
def system_health(request: PersonRequest) -> HttpResponse:
    return render(request, HEALTH, health_context())


@staff_view(P.OPS_SYSTEM_VIEW)
def system_health_panel(request: PersonRequest) -> HttpResponse:
    if not request.htmx:
        return redirect("ops:system_health")
    return render(request, f"{HEALTH}#checks", health_context())
