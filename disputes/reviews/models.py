"""Reviews that a processor's rule or a person opened at the processor."""

from django.db import models
from django.db.models import Q

from billing.mirror.models import MirroredQuerySet, MirroredRow
from billing.payments.models import Payment


class Review(MirroredRow):
    """Mirrored, not decided here yet. ``closed_reason`` is the processor's word and empty while it is open."""

    PREFIX = "rev"

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="reviews")
    charge_id = models.CharField(max_length=255, default="", blank=True)
    is_open = models.BooleanField(default=True)
    reason = models.CharField(max_length=40, default="", blank=True)
    opened_reason = models.CharField(max_length=40, default="", blank=True)
    closed_reason = models.CharField(max_length=40, default="", blank=True)
    ip_address = models.CharField(max_length=64, default="", blank=True)
    ip_country = models.CharField(max_length=2, default="", blank=True)
    billing_zip = models.CharField(max_length=40, default="", blank=True)

    objects = MirroredQuerySet["Review"].as_manager()

    class Meta(MirroredRow.Meta):
        db_table = "review"
        indexes = [
            *MirroredRow.Meta.indexes,
            models.Index(
                fields=["merchant", "livemode", "ip_address", "-created_at"],
                name="review_address",
                condition=~Q(ip_address=""),
            ),
        ]
