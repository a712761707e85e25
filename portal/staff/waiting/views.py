"""What waits for somebody, one list a kind. The counts of the staff home lead here."""

from django.http import HttpResponse

from billing.access.verbs import P
from portal.access.guards import staff_view
from portal.staff.waiting.listing import list_context, load_listing
from portal.web.list_answers import answer_list, answer_rows
from portal.web.request import PersonRequest

LIST = "staff/waiting/list.html"


@staff_view(P.OPS_PAYMENTS_VIEW)
def waiting(request: PersonRequest, kind: str) -> HttpResponse:
    return answer_list(request, LIST, load_listing(kind, request.GET, request.can), list_context)


@staff_view(P.OPS_PAYMENTS_VIEW)
def waiting_panel(request: PersonRequest, kind: str) -> HttpResponse:
    return answer_rows(request, LIST, load_listing(kind, request.GET, request.can), list_context)
