"""Until when an authorisation holds: docs.stripe.com/payments/place-a-hold-on-a-payment-method."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from billing.providers.base import Lapse
from billing.providers.stripe.fields import moment_or_none, section, text

_USUALLY = timedelta(days=7)


def lapse(source: Mapping[str, Any], *, authorised_at: datetime) -> Lapse:
    """Charges by card say it; of all others, and in old API versions, only the usual time is known."""
    details = section(source, "payment_method_details")
    told = moment_or_none(section(details, text(details, "type", 40)), "capture_before")
    return Lapse(told or authorised_at + _USUALLY, is_told=told is not None)
