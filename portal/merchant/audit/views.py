"""The audit log of one merchant, whose chain both modes share."""

from django.http import Http404, HttpResponse, HttpResponseBase, QueryDict

from billing.access.verbs import P
from billing.audit.models import AuditEvent
from billing.merchants.models import Merchant
from portal.access.guards import merchant_view
from portal.merchant.audit.finders import finders_of
from portal.web.audit.answers import (
    answer_chain,
    answer_export,
    answer_heads,
    answer_list,
    answer_row,
    answer_verify,
)
from portal.web.audit.chain import number_of
from portal.web.audit.listing import AuditListing, Face, load_listing
from portal.web.nav import address
from portal.web.request import MerchantRequest


@merchant_view(P.AUDIT_VIEW)
def audit(request: MerchantRequest, merchant: Merchant, livemode: bool) -> HttpResponse:
    return answer_list(request, _listing(request, merchant, livemode))


@merchant_view(P.AUDIT_VIEW)
def audit_panel(request: MerchantRequest, merchant: Merchant, livemode: bool) -> HttpResponse:
    return answer_chain(request, _listing(request, merchant, livemode))


@merchant_view(P.AUDIT_VIEW)
def audit_row(request: MerchantRequest, merchant: Merchant, livemode: bool, row: str) -> HttpResponse:
    listing = _listing(request, merchant, livemode, QueryDict())
    found = listing.events.filter(seq=number_of(row)).first()
    if found is None:
        raise Http404
    return answer_row(request, found, listing)


@merchant_view(P.AUDIT_VIEW, methods=("POST",))
def audit_verify(request: MerchantRequest, merchant: Merchant, livemode: bool) -> HttpResponse:
    return answer_verify(request, _listing(request, merchant, livemode))


@merchant_view(P.AUDIT_VIEW, methods=("POST",), step_up=True)
def audit_export(request: MerchantRequest, merchant: Merchant, livemode: bool) -> HttpResponseBase:
    return answer_export(request, _listing(request, merchant, livemode), name=f"audit-{merchant.slug}")


@merchant_view(P.AUDIT_VIEW)
def audit_heads(request: MerchantRequest, merchant: Merchant, livemode: bool) -> HttpResponse:
    return answer_heads(request, _listing(request, merchant, livemode, QueryDict()), name=f"audit-{merchant.slug}")


def _listing(
    request: MerchantRequest, merchant: Merchant, livemode: bool, query: QueryDict | None = None
) -> AuditListing:
    kwargs = {"merchant": merchant.slug, "mode": "live" if livemode else "test"}
    list_url = address("merchant:audit", kwargs)
    face = Face(
        list_url=list_url,
        row_url=lambda event: f"{list_url}{event.seq}/",
        finders=finders_of(merchant, request.can),
        zone=merchant.zone,
        merchant_id=merchant.pk,
    )
    return load_listing(request.GET if query is None else query, AuditEvent.objects.for_merchant(merchant.pk), face)
