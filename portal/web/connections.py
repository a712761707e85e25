"""A merchant's connections, which the frame and many pages ask for alike."""

from billing.merchants.models import Merchant
from billing.providers.models import ProviderAccount


def connections_of(merchant: Merchant, livemode: bool) -> list[ProviderAccount]:
    """Oldest first, without their keys. Asked for once for each ``merchant`` object, that is once a request."""
    known: dict[bool, list[ProviderAccount]] = merchant.__dict__.setdefault("_connections_by_mode", {})
    if livemode not in known:
        known[livemode] = list(merchant.connections.filter(livemode=livemode).defer("api_key").order_by("created_at"))
    return known[livemode]
