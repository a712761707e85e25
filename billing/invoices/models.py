"""Invoices that the processor made for a merchant. Read only: Counterfoil's own come later."""

from django.db import models

from billing.mirror.models import MirroredQuerySet, MirroredRow


class ProviderInvoice(MirroredRow):
    """Amounts in minor units. ``lines`` are [description, quantity, amount, currency] each, those that came with it."""

    PREFIX = "pin"

    number = models.CharField(max_length=80, default="", blank=True)
    provider_status = models.CharField(max_length=40, default="", blank=True)
    deleted = models.BooleanField(default=False)
    customer_id = models.CharField(max_length=255, default="", blank=True)
    customer_email = models.CharField(max_length=254, default="", blank=True)
    currency = models.CharField(max_length=3)
    subtotal = models.BigIntegerField(default=0)
    tax = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    amount_due = models.BigIntegerField(default=0)
    amount_paid = models.BigIntegerField(default=0)
    amount_remaining = models.BigIntegerField(default=0)
    description = models.CharField(max_length=500, default="", blank=True)
    due_at = models.DateTimeField(null=True)
    finalized_at = models.DateTimeField(null=True)
    paid_at = models.DateTimeField(null=True)
    lines = models.JSONField(default=list)
    metadata = models.JSONField(default=dict)

    objects = MirroredQuerySet["ProviderInvoice"].as_manager()

    class Meta(MirroredRow.Meta):
        db_table = "provider_invoice"
