"""Finds the payment that an address names."""

from django.http import Http404

from billing.merchants.models import Merchant
from billing.payments.models import Payment
from billing.payments.queries import PaymentRecord, load_record


def load_payment(public_id: str, merchant: Merchant | None = None, *, livemode: bool = False) -> PaymentRecord:
    """As load_record() does it. Raises Http404."""
    try:
        return load_record(public_id, merchant, livemode=livemode)
    except Payment.DoesNotExist:
        raise Http404 from None
