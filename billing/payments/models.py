"""Payments as the processor tells them: an intent, or a charge without one, and every attempt at it."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Collate, Upper
from django.utils.translation import gettext_lazy as _

from billing.ids import new_id
from billing.merchants.models import Merchant
from billing.mirror.models import CardSnapshot, Snapshot
from billing.providers.models import ProviderAccount
from billing.webhooks.handlers import Source
from billing.webhooks.models import WebhookEvent


def new_payment_id() -> str:
    return new_id("pay")


class PaymentStatus(models.TextChoices):
    IN_PROGRESS = "in_progress", _("In progress")
    AUTHORISED = "authorised", _("Authorised")
    SUCCEEDED = "succeeded", _("Succeeded")
    HELD = "held_for_review", _("Held for review")
    DISPUTED = "disputed", _("Disputed")
    CHARGED_BACK = "charged_back", _("Charged back")
    PARTIALLY_REFUNDED = "partially_refunded", _("Partially refunded")
    REFUNDED = "refunded", _("Refunded")
    FAILED = "failed", _("Failed")
    BLOCKED = "blocked", _("Blocked")
    CANCELLED = "cancelled", _("Cancelled")
    EXPIRED = "expired", _("Expired")
    UNKNOWN = "unknown", _("Unknown")


# Nobody paid, and somebody tried to.
FAILED = (PaymentStatus.FAILED, PaymentStatus.BLOCKED)


class PaymentQuerySet(models.QuerySet["Payment"]):
    def for_merchant(self, merchant: Merchant | int, livemode: bool) -> "PaymentQuerySet":
        return self.filter(merchant=merchant, livemode=livemode)


class Payment(Snapshot, CardSnapshot):
    """Amounts are minor units of ``currency``. ``created_at`` is the processor's; the status is ours, a function of
    the intent's snapshot, of all attempts and of what slices above know, whatever the order in which they came.

    What slices above keep here under the payment's lock: ``refunds_total``, the sum of its refunds that are not failed
    or cancelled; ``open_chargebacks``, how many disputes with the money gone are undecided; ``amount_lost``, what
    disputes took and have not given back; ``open_reviews``.
    """

    # Indexes of their own would repeat how longer ones below begin, and every event pays for each.
    public_id = models.CharField(max_length=40, default=new_payment_id)
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="payments", db_index=False)
    account = models.ForeignKey(ProviderAccount, on_delete=models.PROTECT, related_name="payments", db_index=False)
    livemode = models.BooleanField()
    external_id = models.CharField(max_length=255)
    external_charge_id = models.CharField(max_length=255, default="", blank=True)

    amount = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3, default="")
    amount_captured = models.BigIntegerField(default=0)
    amount_refunded = models.BigIntegerField(default=0)
    status = models.CharField(max_length=24, choices=PaymentStatus, default=PaymentStatus.IN_PROGRESS)

    refunds_total = models.BigIntegerField(default=0)
    open_chargebacks = models.PositiveSmallIntegerField(default=0)
    amount_lost = models.BigIntegerField(default=0)
    open_reviews = models.PositiveSmallIntegerField(default=0)

    provider_status = models.CharField(max_length=40, default="", blank=True)
    intent = models.JSONField(default=dict)

    description = models.CharField(max_length=500, default="", blank=True)
    reference = models.CharField(max_length=200, default="", blank=True)
    statement_descriptor = models.CharField(max_length=64, default="", blank=True)
    customer_name = models.CharField(max_length=200, default="", blank=True)
    customer_email = models.CharField(max_length=254, default="", blank=True)
    customer_external_id = models.CharField(max_length=255, default="", blank=True)
    risk_score = models.PositiveSmallIntegerField(null=True)
    risk_level = models.CharField(max_length=40, default="", blank=True)
    failure_code = models.CharField(max_length=80, default="", blank=True)
    decline_code = models.CharField(max_length=80, default="", blank=True)
    failure_message = models.CharField(max_length=500, default="", blank=True)
    metadata = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = PaymentQuerySet.as_manager()

    class Meta:
        db_table = "payment"
        constraints = [
            models.UniqueConstraint(fields=["public_id"], name="payment_public_id"),
            models.UniqueConstraint(fields=["account", "external_id"], name="payment_once"),
            models.CheckConstraint(
                condition=Q(amount__gte=0, amount_captured__gte=0, amount_refunded__gte=0), name="payment_amounts"
            ),
        ]
        indexes = [
            models.Index(fields=["merchant", "livemode", "-created_at", "-id"], name="payment_list"),
            # Of all merchants together.
            models.Index(fields=["livemode", "-created_at", "-id"], name="payment_list_all"),
            # Amounts of different currencies do not compare: sorted by amount, a list goes currency by currency.
            models.Index(fields=["merchant", "livemode", "currency", "amount", "id"], name="payment_list_amount"),
            models.Index(fields=["merchant", "livemode", "status", "-created_at", "-id"], name="payment_status"),
            models.Index(
                fields=["merchant", "livemode", "last4", "-created_at", "-id"],
                name="payment_last4",
                condition=~Q(last4=""),
            ),
            models.Index(
                fields=["merchant", "livemode", "customer_external_id", "-created_at", "-id"],
                name="payment_customer",
                condition=~Q(customer_external_id=""),
            ),
            # What people search by, in capitals; beginnings are ranges of bytes.
            models.Index(
                *("merchant", "livemode", Upper("customer_email"), F("created_at").desc(), F("id").desc()),
                name="payment_email",
                condition=~Q(customer_email=""),
            ),
            models.Index(
                *("merchant", "livemode", Collate(Upper("reference"), "C")),
                name="payment_reference",
                condition=~Q(reference=""),
            ),
            models.Index(
                *("merchant", "livemode", Collate(Upper("customer_name"), "C")),
                name="payment_name",
                condition=~Q(customer_name=""),
            ),
        ]


class PaymentAttempt(Snapshot, CardSnapshot):
    """One charge: declined, pending or succeeded. ``intent_id`` is empty for a charge that names none; ``expired`` says
    of such a charge that what it authorised ran out."""

    payment = models.ForeignKey(Payment, on_delete=models.CASCADE, related_name="attempts")
    account = models.ForeignKey(ProviderAccount, on_delete=models.PROTECT, related_name="+", db_index=False)
    external_id = models.CharField(max_length=255)
    intent_id = models.CharField(max_length=255, default="", blank=True)
    status = models.CharField(max_length=40, default="", blank=True)
    amount = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3, default="")
    amount_captured = models.BigIntegerField(default=0)
    amount_refunded = models.BigIntegerField(default=0)
    captured = models.BooleanField(default=False)
    expired = models.BooleanField(default=False)
    description = models.CharField(max_length=500, default="", blank=True)
    statement_descriptor = models.CharField(max_length=64, default="", blank=True)
    failure_code = models.CharField(max_length=80, default="", blank=True)
    decline_code = models.CharField(max_length=80, default="", blank=True)
    failure_message = models.CharField(max_length=500, default="", blank=True)
    outcome_type = models.CharField(max_length=40, default="", blank=True)
    risk_level = models.CharField(max_length=40, default="", blank=True)
    risk_score = models.PositiveSmallIntegerField(null=True)
    balance_transaction_id = models.CharField(max_length=255, default="", blank=True)
    customer_name = models.CharField(max_length=200, default="", blank=True)
    customer_email = models.CharField(max_length=254, default="", blank=True)
    customer_external_id = models.CharField(max_length=255, default="", blank=True)
    metadata = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "payment_attempt"
        constraints = [models.UniqueConstraint(fields=["account", "external_id"], name="payment_attempt_once")]


class PaymentActivity(models.Model):
    """A line of a payment's timeline: what one event said, or what the processor answered when it was asked.

    Times and status are the processor's. ``charge_id`` names the attempt that the line moves with, ``object_id`` what
    it is about where that is neither the payment nor an attempt. ``changes`` are [field, before, after] of a repair.
    """

    payment = models.ForeignKey(Payment, on_delete=models.CASCADE, related_name="activity")
    event = models.OneToOneField(WebhookEvent, on_delete=models.CASCADE, null=True, related_name="activity")
    source = models.CharField(max_length=8, default=Source.EVENT)
    charge_id = models.CharField(max_length=255, default="", blank=True)
    object_id = models.CharField(max_length=255, default="", blank=True)
    type = models.CharField(max_length=120)
    occurred_at = models.DateTimeField()
    status = models.CharField(max_length=40, default="", blank=True)
    amount = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3, default="")
    note = models.CharField(max_length=500, default="", blank=True)
    changes = models.JSONField(default=list)

    class Meta:
        db_table = "payment_activity"
