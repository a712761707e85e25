"""What a charge says of how the card was checked."""

from collections.abc import Mapping
from typing import Any

from billing.providers.base import CardChecks
from billing.providers.stripe.fields import section, text


def checks(source: Mapping[str, Any]) -> CardChecks | None:
    """None for what is no charge by card. Charges without payment methods have the answers on the card itself."""
    if text(source, "object", 40) != "charge":
        return None
    details = section(source, "payment_method_details")
    if details:
        card = section(details, "card")
        made, secure = section(card, "checks"), section(card, "three_d_secure")
        postal_code = text(made, "address_postal_code_check", 40)
    else:
        card = section(source, "source") or section(source, "card")
        made, secure = card, {}
        postal_code = text(made, "address_zip_check", 40)
    if not card:
        return None
    return CardChecks(
        cvc=text(made, "cvc_check", 40),
        postal_code=postal_code,
        address_line=text(made, "address_line1_check", 40),
        asked_to_authenticate=bool(secure) if details else None,
        authentication=text(secure, "result", 40),
    )
