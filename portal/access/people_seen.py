"""Whether the personal data of customers may be shown in full."""

from django.http import HttpRequest

from billing.access.verbs import P


def sees_people(request: HttpRequest) -> bool:
    """In test mode nobody real is behind them; staff see them masked everywhere."""
    if getattr(request, "merchant", None) is None:
        return False
    return not request.livemode or request.can(P.CUSTOMER_REVEAL)
