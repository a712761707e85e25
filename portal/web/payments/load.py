"""Finds the payment that an address names."""

from collections.abc import Callable

from django.http import Http404

from billing.payments.models import Payment
from billing.payments.queries import PaymentRecord


def found_or_404(load: Callable[..., PaymentRecord], *named: object) -> PaymentRecord:
    """What one of the loaders of billing.payments.queries finds. Raises Http404."""
    try:
        return load(*named)
    except Payment.DoesNotExist:
        raise Http404 from None
