"""The audit log of the platform and of all merchants."""

from django.http import Http404, HttpResponse, HttpResponseBase, QueryDict
from django.urls import reverse

from billing.access.verbs import P
from billing.audit.models import AuditEvent
from portal.access.guards import staff_view
from portal.staff.audit.finders import finders_of
from portal.staff.events.views import reader_zone
from portal.web.audit.answers import (
    answer_chain,
    answer_export,
    answer_heads,
    answer_list,
    answer_row,
    answer_verify,
)
from portal.web.audit.chain import chain_key, number_of
from portal.web.audit.listing import AuditListing, Face, load_listing
from portal.web.request import PersonRequest


@staff_view(P.OPS_AUDIT_VIEW)
def audit(request: PersonRequest) -> HttpResponse:
    return answer_list(request, _listing(request))


@staff_view(P.OPS_AUDIT_VIEW)
def audit_panel(request: PersonRequest) -> HttpResponse:
    return answer_chain(request, _listing(request))


@staff_view(P.OPS_AUDIT_VIEW)
def audit_row(request: PersonRequest, chain: str, row: str) -> HttpResponse:
    number = None if chain == chain_key(None) else number_of(chain)
    found = AuditEvent.objects.of_chain(number).filter(seq=number_of(row)).first()
    if found is None:
        raise Http404
    return answer_row(request, found, _listing(request, QueryDict()))


@staff_view(P.OPS_AUDIT_VIEW, methods=("POST",))
def audit_verify(request: PersonRequest) -> HttpResponse:
    return answer_verify(request, _listing(request))


@staff_view(P.OPS_AUDIT_VIEW, methods=("POST",), step_up=True)
def audit_export(request: PersonRequest) -> HttpResponseBase:
    return answer_export(request, _listing(request), name="audit")


@staff_view(P.OPS_AUDIT_VIEW)
def audit_heads(request: PersonRequest) -> HttpResponse:
    return answer_heads(request, _listing(request, QueryDict()), name="audit")


def _listing(request: PersonRequest, query: QueryDict | None = None) -> AuditListing:
    list_url = reverse("ops:audit")
    face = Face(
        list_url=list_url,
        row_url=lambda event: f"{list_url}{chain_key(event.merchant_id)}/{event.seq}/",
        finders=finders_of(request.can),
        zone=reader_zone(request),
    )
    return load_listing(request.GET if query is None else query, AuditEvent.objects.all(), face)
