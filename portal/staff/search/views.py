"""Search over all merchants."""

from django.http import HttpResponse

from billing.access.verbs import P
from portal.access.guards import staff_view
from portal.staff.search.desk import open_desk
from portal.web.request import PersonRequest
from portal.web.search.answers import keep_recent, show_page, show_palette, typed


@staff_view(P.OPS_PAYMENTS_VIEW)
def search(request: PersonRequest) -> HttpResponse:
    return show_page(request, open_desk(request, text=typed(request)))


@staff_view(P.OPS_PAYMENTS_VIEW)
def palette(request: PersonRequest) -> HttpResponse:
    return show_palette(request, open_desk(request, text=typed(request)))


@staff_view(P.OPS_PAYMENTS_VIEW, methods=("POST",))
def recent(request: PersonRequest) -> HttpResponse:
    return keep_recent(request, open_desk(request, text=""))
