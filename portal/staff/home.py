"""Where staff arrive."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from billing.access.verbs import P
from portal.access.guards import staff_view


@staff_view(P.OPS_HOME)
def home(request: HttpRequest) -> HttpResponse:
    """The first place of their rail that the person may enter."""
    return redirect("ops:merchants" if request.can(P.OPS_MERCHANTS_VIEW) else "ops:events")
