"""Why a customer gets money back, in our words, and what the processor hears of it."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class RefundReason(models.TextChoices):
    CUSTOMER_REQUEST = "customer_request", _("Customer asked for it")
    DUPLICATE = "duplicate", _("Paid twice")
    PRODUCT_PROBLEM = "product_problem", _("Problem with the product or service")
    GOODWILL = "goodwill", _("Goodwill")
    FRAUDULENT = "fraudulent", _("Payment was fraudulent")
    OTHER = "other", _("Other")


_TOLD = {
    RefundReason.CUSTOMER_REQUEST: "requested_by_customer",
    RefundReason.PRODUCT_PROBLEM: "requested_by_customer",
    RefundReason.GOODWILL: "requested_by_customer",
    RefundReason.DUPLICATE: "duplicate",
}


def told_to_processor(reason: RefundReason, *, block_customer: bool) -> str:
    """The processor's word, empty for none. "fraudulent" puts the customer's card and address on its block lists, so
    that it is told only where ``block_customer`` says so."""
    if reason is RefundReason.FRAUDULENT and block_customer:
        return "fraudulent"
    return _TOLD.get(reason, "")
