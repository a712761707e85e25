"""Events about customers and their payment methods."""

from collections.abc import Mapping, Sequence
from typing import Any

from billing.customers.models import Customer, PaymentMethod, belongs_to
from billing.mirror.fold import Shape, fold
from billing.mirror.registry import mirrored
from billing.providers.base import Kind
from billing.providers.events import CustomerObserved, PaymentMethodObserved
from billing.webhooks.handlers import Inbound, Result, handler

_CUSTOMER = ("name", "email", "phone", "description", "currency", "languages", "default_method_id", "metadata")
_CARD = ("method_type", "brand", "last4", "exp_month", "exp_year", "fingerprint", "wallet")


def _customer(event: CustomerObserved) -> Mapping[str, Any]:
    values = {name: getattr(event, name) for name in (*_CUSTOMER, "deleted")}
    return values if event.created_at is None else {**values, "created_at": event.created_at}


def _method(event: PaymentMethodObserved) -> Mapping[str, Any]:
    values: dict[str, Any] = {name: getattr(event.card, name) for name in _CARD}
    if event.created_at is not None:
        values["created_at"] = event.created_at
    return {
        **values,
        "card_country": event.card.country,
        "customer_id": event.customer_id,
        "holder_name": event.party.name,
        "holder_email": event.party.email,
        "metadata": event.metadata,
    }


def _is_stub(event: CustomerObserved) -> bool:
    return event.deleted and event.created_at is None


CUSTOMERS = Shape(Kind.CUSTOMER, Customer, _customer, _is_stub)
METHODS = Shape(Kind.PAYMENT_METHOD, PaymentMethod, _method)
mirrored(Kind.CUSTOMER, Customer, told=_customer, leaves=_is_stub)
mirrored(Kind.PAYMENT_METHOD, PaymentMethod, told=_method)


@handler(CustomerObserved)
def mirror_customers(batch: Sequence[Inbound]) -> Mapping[int, Result]:
    return {each.item.row_id: each.result(Kind.CUSTOMER) for each in fold(batch, CUSTOMERS)}


@handler(PaymentMethodObserved)
def mirror_methods(batch: Sequence[Inbound]) -> Mapping[int, Result]:
    folded = fold(batch, METHODS, tells=lambda row: belongs_to(row.customer_id))
    return {each.item.row_id: each.result(Kind.PAYMENT_METHOD) for each in folded}
