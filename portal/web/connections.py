"""A merchant's connections, which the frame and many pages ask for alike."""

from billing.compiled import Compiled
from billing.merchants.models import Merchant
from billing.providers.models import ProviderAccount

_OF_MERCHANT = Compiled(
    lambda merchant: ProviderAccount.objects.filter(merchant_id=merchant).defer("api_key").order_by("created_at")
)


def connections_of(merchant: Merchant, livemode: bool) -> list[ProviderAccount]:
    """Oldest first, without their keys. Asked for once for each ``merchant`` object, that is once a request."""
    if "_connections" not in merchant.__dict__:
        merchant.__dict__["_connections"] = _OF_MERCHANT(merchant.pk)
    return [account for account in merchant.__dict__["_connections"] if account.livemode == livemode]
