"""Where staff arrive."""

from django.http import HttpResponse
from django.shortcuts import redirect

from billing.access.verbs import P
from portal.access.guards import staff_view
from portal.web.request import PersonRequest


@staff_view(P.OPS_HOME)
def home(request: PersonRequest) -> HttpResponse:
    """The first place of their rail that the person may enter."""
    return redirect("ops:merchants" if request.can(P.OPS_MERCHANTS_VIEW) else "ops:events")
