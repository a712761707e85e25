"""The streams of signals behind pages that keep themselves up to date."""

from django.http import HttpRequest, StreamingHttpResponse

from billing.access.verbs import P
from billing.merchants.models import Merchant
from portal.access.guards import merchant_view, staff_view
from portal.live.publish import STAFF, channel
from portal.live.stream import signals


@merchant_view(P.HOME_VIEW)
async def merchant_stream(request: HttpRequest, merchant: Merchant, livemode: bool) -> StreamingHttpResponse:
    """What changes at one merchant in one mode."""
    return _stream(channel(merchant.pk, livemode))


@staff_view(P.OPS_HOME)
async def staff_stream(request: HttpRequest) -> StreamingHttpResponse:
    """What changes anywhere."""
    return _stream(STAFF)


def _stream(name: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(signals(name), content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response
