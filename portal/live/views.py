"""The streams of signals behind pages that keep themselves up to date."""

from asgiref.sync import sync_to_async
from django.db import connections
from django.http import HttpRequest, StreamingHttpResponse

from billing.access.verbs import P
from billing.merchants.models import Merchant
from portal.access.guards import merchant_view, staff_view
from portal.live.publish import STAFF, channel
from portal.live.stream import LONGEST_SECONDS, signals
from portal.web.request import MerchantRequest

# Whoever leaves a merchant hears no more of it after this time.
_GUEST_SECONDS = 60


@merchant_view(P.HOME_VIEW)
async def merchant_stream(request: MerchantRequest, merchant: Merchant, livemode: bool) -> StreamingHttpResponse:
    """What changes at one merchant in one mode."""
    return await _stream(channel(merchant.pk, livemode), _GUEST_SECONDS if request.visit else LONGEST_SECONDS)


@staff_view(P.OPS_HOME)
async def staff_stream(request: HttpRequest) -> StreamingHttpResponse:
    """What changes anywhere."""
    return await _stream(STAFF)


async def _stream(name: str, seconds: float = LONGEST_SECONDS) -> StreamingHttpResponse:
    # A stream lives for minutes and asks the database nothing more: it must not keep a connection for all that time.
    await sync_to_async(connections.close_all)()
    response = StreamingHttpResponse(signals(name, seconds=seconds), content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response
