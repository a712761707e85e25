"""What is known of a means of payment, from any of the shapes in which Stripe describes one."""

from collections.abc import Mapping
from typing import Any

from billing.providers.events import CardDetails
from billing.providers.stripe.fields import section, small, text

# As card objects spell it -> as payment methods do.
_BRANDS = {"american_express": "amex", "diners_club": "diners", "eftpos_australia": "eftpos_au"}


def described(source: Mapping[str, Any]) -> CardDetails:
    """Of a payment method, or of the ``payment_method_details`` of a charge: ``type`` names the part to read."""
    method_type = text(source, "type", 40)
    return _details(method_type, section(source, method_type))


def described_before_2018(source: Mapping[str, Any]) -> CardDetails:
    """Of a card, bank account or source object, as charges and customers had them before payment methods."""
    kind = text(source, "object", 40) or ("card" if source else "")
    return described(source) if kind == "source" else _details(kind, source)


def _details(method_type: str, part: Mapping[str, Any]) -> CardDetails:
    # Before brands had their own field, the type of a card object was its brand.
    spelled = text(part, "brand", 40) or (text(part, "type", 40) if text(part, "object", 40) == "card" else "")
    brand = spelled.lower().replace(" ", "_")
    return CardDetails(
        method_type=method_type,
        brand=_BRANDS.get(brand, brand),
        last4=text(part, "last4", 4),
        exp_month=small(part, "exp_month"),
        exp_year=small(part, "exp_year"),
        country=text(part, "country", 2),
        fingerprint=text(part, "fingerprint", 80),
        wallet=text(section(part, "wallet"), "type", 40) or text(part, "tokenization_method", 40),
    )
