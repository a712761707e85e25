"""Whether the personal data of customers may be shown in full."""

from billing.access.verbs import P
from portal.web.request import MerchantRequest


def sees_people(request: MerchantRequest) -> bool:
    """In test mode nobody real is behind them; staff see them masked everywhere."""
    if getattr(request, "merchant", None) is None:
        return False
    return not request.livemode or request.can(P.CUSTOMER_REVEAL)
