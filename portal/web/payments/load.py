"""Finds the payment that an address names."""

from django.http import Http404

from billing.payments.models import Payment, PaymentQuerySet
from billing.payments.queries import PaymentRecord, load_record


def load_payment(payments: PaymentQuerySet, public_id: str) -> PaymentRecord:
    """One of ``payments``. Raises Http404."""
    try:
        return load_record(payments, public_id)
    except Payment.DoesNotExist:
        raise Http404 from None
