"""Payments as the processor tells them: an intent, or a charge without one, and every attempt at it."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Collate, Upper
from django.utils.translation import gettext_lazy as _

from billing.ids import new_id
from billing.merchants.models import Merchant
from billing.providers.models import ProviderAccount
from billing.webhooks.models import WebhookEvent


def new_payment_id() -> str:
    return new_id("pay")


class PaymentStatus(models.TextChoices):
    IN_PROGRESS = "in_progress", _("In progress")
    AUTHORISED = "authorised", _("Authorised")
    SUCCEEDED = "succeeded", _("Succeeded")
    PARTIALLY_REFUNDED = "partially_refunded", _("Partially refunded")
    REFUNDED = "refunded", _("Refunded")
    FAILED = "failed", _("Failed")
    BLOCKED = "blocked", _("Blocked")
    CANCELLED = "cancelled", _("Cancelled")
    EXPIRED = "expired", _("Expired")
    UNKNOWN = "unknown", _("Unknown")


class Snapshot(models.Model):
    """Which of the processor's snapshots a row shows: see ``billing.payments.order``."""

    is_final = models.BooleanField(default=False)
    provider_updated_at = models.DateTimeField(null=True)
    state_rank = models.BigIntegerField(default=-1)
    order_event = models.CharField(max_length=255, default="")
    # Events stay for good, so nobody ever looks for what came from one.
    source_event = models.ForeignKey(
        WebhookEvent, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )

    class Meta:
        abstract = True


class CardSnapshot(models.Model):
    """The means of payment as it was then."""

    method_type = models.CharField(max_length=40, default="")
    brand = models.CharField(max_length=40, default="")
    last4 = models.CharField(max_length=4, default="")
    exp_month = models.PositiveSmallIntegerField(null=True)
    exp_year = models.PositiveSmallIntegerField(null=True)
    card_country = models.CharField(max_length=2, default="")
    fingerprint = models.CharField(max_length=80, default="")
    wallet = models.CharField(max_length=40, default="")

    class Meta:
        abstract = True


class PaymentQuerySet(models.QuerySet["Payment"]):
    def for_merchant(self, merchant: Merchant | int, livemode: bool) -> "PaymentQuerySet":
        return self.filter(merchant=merchant, livemode=livemode)


class Payment(Snapshot, CardSnapshot):
    """Amounts are minor units of ``currency``. ``created_at`` is the processor's; the status is ours, a function of
    the intent's snapshot and of all attempts, whatever the order in which they came."""

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
            # Amounts of different currencies do not compare: sorted by amount, a list goes currency by currency.
            models.Index(fields=["merchant", "livemode", "currency", "amount", "id"], name="payment_list_amount"),
            models.Index(fields=["merchant", "livemode", "status", "-created_at", "-id"], name="payment_status"),
            models.Index(
                fields=["merchant", "livemode", "last4", "-created_at", "-id"],
                name="payment_last4",
                condition=~Q(last4=""),
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
    """One charge: declined, pending or succeeded. ``intent_id`` is empty for a charge that names none."""

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
    description = models.CharField(max_length=500, default="", blank=True)
    statement_descriptor = models.CharField(max_length=64, default="", blank=True)
    failure_code = models.CharField(max_length=80, default="", blank=True)
    decline_code = models.CharField(max_length=80, default="", blank=True)
    failure_message = models.CharField(max_length=500, default="", blank=True)
    outcome_type = models.CharField(max_length=40, default="", blank=True)
    risk_level = models.CharField(max_length=40, default="", blank=True)
    risk_score = models.PositiveSmallIntegerField(null=True)
    customer_name = models.CharField(max_length=200, default="", blank=True)
    customer_email = models.CharField(max_length=254, default="", blank=True)
    customer_external_id = models.CharField(max_length=255, default="", blank=True)
    metadata = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "payment_attempt"
        constraints = [models.UniqueConstraint(fields=["account", "external_id"], name="payment_attempt_once")]


class PaymentActivity(models.Model):
    """What one event said about a payment: a line of its timeline. Times and status are the processor's."""

    payment = models.ForeignKey(Payment, on_delete=models.CASCADE, related_name="activity")
    event = models.OneToOneField(WebhookEvent, on_delete=models.CASCADE, related_name="activity")
    charge_id = models.CharField(max_length=255, default="", blank=True)
    type = models.CharField(max_length=120)
    occurred_at = models.DateTimeField()
    status = models.CharField(max_length=40, default="", blank=True)
    amount = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3, default="")
    note = models.CharField(max_length=500, default="", blank=True)

    class Meta:
        db_table = "payment_activity"


class DailyFigures(models.Model):
    """Sums per merchant, mode, currency and day of the merchant's zone; always equal to the rows they sum up."""

    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="+")
    livemode = models.BooleanField()
    currency = models.CharField(max_length=3)
    day = models.DateField()
    payments = models.BigIntegerField(default=0)
    succeeded = models.BigIntegerField(default=0)
    failed = models.BigIntegerField(default=0)
    amount_captured = models.BigIntegerField(default=0)
    amount_refunded = models.BigIntegerField(default=0)

    class Meta:
        db_table = "daily_figures"
        constraints = [
            models.UniqueConstraint(fields=["merchant", "livemode", "currency", "day"], name="daily_figures_once")
        ]
