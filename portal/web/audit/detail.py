"""Everything that the page of one row of the audit log shows."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest

from billing.audit.models import AuditEvent
from portal.web.audit.chain import Verification
from portal.web.audit.listing import AuditListing, read_rows


def detail_context(request: HttpRequest, event: AuditEvent, listing: AuditListing) -> dict[str, Any]:
    """``listing`` is the list without filters, whose rows are those that the reader may see."""
    face = listing.face
    back = request.GET.get("back", "")
    back = back if back.partition("?")[0] == face.list_url else ""
    suffix = f"?{urlencode({'back': back})}" if back else ""
    chain = listing.events.of_chain(event.merchant_id)
    newer = chain.filter(seq__gt=event.seq).order_by("seq").first()
    older = chain.filter(seq__lt=event.seq).order_by("-seq").first()
    verification = Verification([event.merchant_id], listing.events, face.row_url)
    (row,) = read_rows([event], face)
    return {
        "row": row,
        "event": event,
        "for_staff": face.for_staff,
        "list_url": face.list_url,
        "back_url": back or face.list_url,
        "suffix": suffix,
        "newer_url": face.row_url(newer) + suffix if newer else "",
        "older_url": face.row_url(older) + suffix if older else "",
        "same_request": f"{face.list_url}?{urlencode({'q': event.request_id})}" if event.request_id else "",
        "same_object": f"{face.list_url}?{urlencode({'q': event.object_id})}" if event.object_id else "",
        "same_person": f"{face.list_url}?{urlencode({'person': event.actor_id})}",
        "standing": verification.of_row(event, face.zone),
    }
