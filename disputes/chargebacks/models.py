"""Disputes of payments by customers' banks, as the processor tells them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.mirror.models import MirroredQuerySet, MirroredRow
from billing.payments.models import Payment


class DisputeStatus(models.TextChoices):
    """The processor's own words; others are kept as they come."""

    WARNING_NEEDS_RESPONSE = "warning_needs_response", _("Inquiry: needs response")
    WARNING_UNDER_REVIEW = "warning_under_review", _("Inquiry: under review")
    WARNING_CLOSED = "warning_closed", _("Inquiry closed")
    NEEDS_RESPONSE = "needs_response", _("Needs response")
    UNDER_REVIEW = "under_review", _("Under review")
    APPEAL_NEEDS_RESPONSE = "appeal_needs_response", _("Appeal: needs response")
    APPEAL_UNDER_REVIEW = "appeal_under_review", _("Appeal: under review")
    WON = "won", _("Won")
    LOST = "lost", _("Lost")
    PREVENTED = "prevented", _("Prevented")


# A chargeback in one of these bars refunds: the money is gone, and who keeps it is not decided.
UNDECIDED = (
    DisputeStatus.NEEDS_RESPONSE,
    DisputeStatus.UNDER_REVIEW,
    DisputeStatus.APPEAL_NEEDS_RESPONSE,
    DisputeStatus.APPEAL_UNDER_REVIEW,
)
# An answer is expected from the merchant.
OWED = (
    DisputeStatus.NEEDS_RESPONSE,
    DisputeStatus.WARNING_NEEDS_RESPONSE,
    DisputeStatus.APPEAL_NEEDS_RESPONSE,
)
ENDED = (DisputeStatus.WARNING_CLOSED, DisputeStatus.WON, DisputeStatus.LOST, DisputeStatus.PREVENTED)


class Dispute(MirroredRow):
    """Amounts in minor units of ``currency``. ``amount_withdrawn`` and ``fee`` are what balance transactions booked;
    ``due_by`` is None where no answer is possible; ``evidence`` is what stands at the processor."""

    PREFIX = "dsp"

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="disputes")
    charge_id = models.CharField(max_length=255, default="", blank=True)
    provider_status = models.CharField(max_length=40, default="", blank=True)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    amount_withdrawn = models.BigIntegerField(default=0)
    fee = models.BigIntegerField(default=0)
    reason = models.CharField(max_length=80, default="", blank=True)
    network_reason_code = models.CharField(max_length=40, default="", blank=True)
    case_type = models.CharField(max_length=40, default="", blank=True)
    brand = models.CharField(max_length=40, default="", blank=True)
    is_charge_refundable = models.BooleanField(default=False)
    due_by = models.DateTimeField(null=True)
    has_evidence = models.BooleanField(default=False)
    past_due = models.BooleanField(default=False)
    submission_count = models.PositiveIntegerField(default=0)
    submission_method = models.CharField(max_length=40, default="", blank=True)
    balance_transaction_ids = models.JSONField(default=list)
    evidence = models.JSONField(default=dict)
    metadata = models.JSONField(default=dict)

    objects = MirroredQuerySet["Dispute"].as_manager()

    class Meta(MirroredRow.Meta):
        db_table = "dispute"
        indexes = [
            *MirroredRow.Meta.indexes,
            models.Index(fields=["merchant", "livemode", "currency", "amount", "id"], name="dispute_list_amount"),
            # Few of many, and every home page asks for them.
            models.Index(
                fields=["merchant", "livemode", "due_by"], name="dispute_owed", condition=Q(provider_status__in=OWED)
            ),
        ]
