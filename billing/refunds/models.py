"""Refunds as the processor tells them, and what their customers are told of them."""

from functools import partial

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.ids import new_id
from billing.mirror.models import MirroredQuerySet, MirroredRow
from billing.payments.models import Payment
from billing.queue.models import QueueRow


class RefundStatus(models.TextChoices):
    """The processor's own words; others are kept as they come."""

    PENDING = "pending", _("Pending")
    REQUIRES_ACTION = "requires_action", _("Requires action")
    SUCCEEDED = "succeeded", _("Succeeded")
    FAILED = "failed", _("Failed")
    CANCELED = "canceled", _("Cancelled")


# A refund in one of these takes money from the payment, or may yet.
LIVE = (RefundStatus.PENDING, RefundStatus.REQUIRES_ACTION, RefundStatus.SUCCEEDED)
# In one of these the customer does not get the money.
CAME_BACK = (RefundStatus.FAILED, RefundStatus.CANCELED)


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

    @property
    def left_balance(self) -> bool:
        """Whether it ever took money from the merchant's balance: one that waits for money has not yet."""
        return bool(self.balance_transaction_id or self.failure_balance_transaction_id)


class ReceiptKind(models.TextChoices):
    """A correction takes back what a receipt said."""

    RECEIPT = "receipt", _("Receipt")
    CORRECTION = "correction", _("Correction")


class ReceiptOutcome(models.TextChoices):
    """OVERTAKEN: the refund was no longer what the mail would have said."""

    SENT = "sent", _("Sent")
    OVERTAKEN = "overtaken", _("Overtaken")
    NO_ADDRESS = "no_address", _("No address")
    DELETED = "deleted", _("Customer deleted")
    REFUSED = "refused", _("Refused by the mail server")
    NOT_TAKEN = "not_taken", _("Not taken by a mail server")


class RefundReceipt(QueueRow):
    """One mail to the customer about a refund of live mode. Sent once if all goes well; whoever gets it twice sees one
    Message-ID, which is made of ``public_id``.

    ``number`` counts the mails of one kind about one refund: the first is the one that everything asks for which asks
    by itself, so that there is one however often it asks. ``requested_by`` is empty where no person asked for it
    afterwards. ``address`` is known once it was sent, and is personal data.
    """

    public_id = models.CharField(max_length=40, unique=True, default=partial(new_id, "rct"), editable=False)
    refund = models.ForeignKey(Refund, on_delete=models.PROTECT, related_name="receipts", db_index=False)
    kind = models.CharField(max_length=10, choices=ReceiptKind)
    number = models.PositiveSmallIntegerField(default=1)
    requested_by = models.CharField(max_length=254, default="", blank=True)
    requested_at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=ReceiptOutcome, default="", blank=True)
    sent_at = models.DateTimeField(null=True)
    address = models.CharField(max_length=254, default="", blank=True)

    class Meta(QueueRow.Meta):
        db_table = "refund_receipt"
        constraints = [
            models.UniqueConstraint(fields=["refund", "kind", "number"], name="refund_receipt_once"),
            models.CheckConstraint(
                condition=Q(outcome=ReceiptOutcome.SENT, sent_at__isnull=False)
                | (~Q(outcome=ReceiptOutcome.SENT) & Q(sent_at=None, address="")),
                name="refund_receipt_sent",
            ),
        ]
