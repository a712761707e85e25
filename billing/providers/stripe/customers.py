"""Customers and their stored means of payment, from any API version, in neutral words.

``deleted`` is what Stripe's stubs of deleted objects say, and what ``objects`` adds where only the event's type does.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from billing.providers.events import CardDetails, CustomerObserved, PartyDetails, PaymentMethodObserved
from billing.providers.stripe.cards import described, described_before_2018
from billing.providers.stripe.fields import (
    currency_or_none,
    flag,
    identity,
    metadata,
    moment_or_none,
    reference,
    section,
    text,
)

_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,3}")
_MOST_LANGUAGES = 5


def customer(source: Mapping[str, Any]) -> CustomerObserved:
    """A customer, or the stub that is left of a deleted one. Raises UnreadableObject without id."""
    deleted = flag(source, "deleted")
    return CustomerObserved(
        external_id=identity(source),
        rank=int(deleted),
        deleted=deleted,
        name=text(source, "name", 200) or text(source, "business_name", 200) or text(source, "individual_name", 200),
        email=text(source, "email", 254),
        phone=text(source, "phone", 40),
        description=text(source, "description"),
        currency=currency_or_none(source),
        languages=",".join(_languages(source)),
        default_method_id=reference(section(source, "invoice_settings"), "default_payment_method")
        or reference(source, "default_source")
        or reference(source, "default_card"),
        created_at=moment_or_none(source, "created"),
        metadata=metadata(source),
    )


def _languages(source: Mapping[str, Any]) -> Iterator[str]:
    told = source.get("preferred_locales")
    for each in told[:_MOST_LANGUAGES] if isinstance(told, list) else ():
        if isinstance(each, str) and _LANGUAGE.fullmatch(each):
            yield each


def payment_method(source: Mapping[str, Any]) -> PaymentMethodObserved:
    """A payment method, attached or not. Raises UnreadableObject without id."""
    billing = section(source, "billing_details")
    return _stored(source, described(source), name=text(billing, "name", 200), email=text(billing, "email", 254))


def card(source: Mapping[str, Any]) -> PaymentMethodObserved | None:
    """A customer's card from before payment methods, which Stripe serves as one under the same id; None for a card
    that is no customer's (they receive payouts)."""
    if not reference(source, "customer"):
        return None
    return _stored(source, described_before_2018(source), name=text(source, "name", 200), email="")


def saved_source(source: Mapping[str, Any]) -> PaymentMethodObserved | None:
    """A customer's source that holds a card; None for any other source, which Stripe does not serve as a payment
    method."""
    if not reference(source, "customer") or text(source, "type", 40) != "card":
        return None
    owner = section(source, "owner")
    return _stored(
        source, described_before_2018(source), name=text(owner, "name", 200), email=text(owner, "email", 254)
    )


def _stored(source: Mapping[str, Any], details: CardDetails, *, name: str, email: str) -> PaymentMethodObserved:
    detached = flag(source, "deleted")
    customer_id = "" if detached else reference(source, "customer")
    return PaymentMethodObserved(
        external_id=identity(source),
        rank=int(detached),
        customer_id=customer_id,
        card=details,
        party=PartyDetails(name=name, email=email, customer_id=customer_id),
        created_at=moment_or_none(source, "created"),
        metadata=metadata(source),
    )
