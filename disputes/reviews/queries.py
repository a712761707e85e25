"""Reading reviews."""

from collections.abc import Sequence

from billing.merchants.models import Merchant
from disputes.reviews.models import Review

# More payments from one address say nothing more.
_MOST = 20


def payments_from(merchant: Merchant | int, livemode: bool, address: str) -> Sequence[int]:
    """Primary keys of the newest payments that came from this network address, as far as a review names theirs."""
    if not address:
        return ()
    found = Review.objects.for_merchant(merchant, livemode).filter(ip_address=address).exclude(ip_address="")
    return list(found.order_by("-created_at").values_list("payment_id", flat=True)[:_MOST])
