"""Early fraud warnings: a card's issuer says that a payment may be fraud."""

from django.db import models

from billing.mirror.models import MirroredQuerySet, MirroredRow
from billing.payments.models import Payment


class EarlyWarning(MirroredRow):
    """``actionable`` until the payment is disputed or all refunded: a refund may still prevent the dispute."""

    PREFIX = "efw"

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="early_warnings")
    charge_id = models.CharField(max_length=255, default="", blank=True)
    fraud_type = models.CharField(max_length=80, default="", blank=True)
    actionable = models.BooleanField(default=False)

    objects = MirroredQuerySet["EarlyWarning"].as_manager()

    class Meta(MirroredRow.Meta):
        db_table = "early_warning"
