"""Refunds as the processor tells them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.mirror.models import MirroredQuerySet, MirroredRow
from billing.payments.models import Payment


class RefundStatus(models.TextChoices):
    """The processor's own words; others are kept as they come."""

    PENDING = "pending", _("Pending")
    REQUIRES_ACTION = "requires_action", _("Requires action")
    SUCCEEDED = "succeeded", _("Succeeded")
    FAILED = "failed", _("Failed")
    CANCELED = "canceled", _("Cancelled")


# A refund in one of these takes money from the payment, or may yet.
LIVE = (RefundStatus.PENDING, RefundStatus.REQUIRES_ACTION, RefundStatus.SUCCEEDED)


class Refund(MirroredRow):
    """``amount`` in minor units of ``currency``; ``arn`` is the bank's reference for the customer's bank."""

    PREFIX = "ref"

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    charge_id = models.CharField(max_length=255, default="", blank=True)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    provider_status = models.CharField(max_length=40, default="", blank=True)
    reason = models.CharField(max_length=40, default="", blank=True)
    failure_reason = models.CharField(max_length=80, default="", blank=True)
    pending_reason = models.CharField(max_length=40, default="", blank=True)
    arn = models.CharField(max_length=80, default="", blank=True)
    description = models.CharField(max_length=500, default="", blank=True)
    balance_transaction_id = models.CharField(max_length=255, default="", blank=True)
    failure_balance_transaction_id = models.CharField(max_length=255, default="", blank=True)
    metadata = models.JSONField(default=dict)

    objects = MirroredQuerySet["Refund"].as_manager()

    class Meta(MirroredRow.Meta):
        db_table = "refund"
        constraints = [
            *MirroredRow.Meta.constraints,
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_amount"),
        ]
        indexes = [
            *MirroredRow.Meta.indexes,
            models.Index(fields=["merchant", "livemode", "currency", "amount", "id"], name="refund_list_amount"),
        ]
