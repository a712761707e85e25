"""What leaves the balance for the bank, and every movement of the balance."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from billing.mirror.models import MirroredQuerySet, MirroredRow
from billing.providers.events import Booking


class PayoutStatus(models.TextChoices):
    """The processor's own words; others are kept as they come. A paid payout may still fail."""

    PENDING = "pending", _("Pending")
    IN_TRANSIT = "in_transit", _("In transit")
    PAID = "paid", _("Paid")
    FAILED = "failed", _("Failed")
    CANCELED = "canceled", _("Cancelled")


ON_ITS_WAY = (PayoutStatus.PENDING, PayoutStatus.IN_TRANSIT)


class Payout(MirroredRow):
    """``amount`` in minor units, negative where the processor took money from the bank account. ``arrival_at`` is the
    day on which the bank should have it (UTC midnight)."""

    PREFIX = "pyt"

    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    provider_status = models.CharField(max_length=40, default="", blank=True)
    arrival_at = models.DateTimeField(null=True)
    automatic = models.BooleanField(default=False)
    method = models.CharField(max_length=40, default="", blank=True)
    destination_id = models.CharField(max_length=255, default="", blank=True)
    balance_transaction_id = models.CharField(max_length=255, default="", blank=True)
    failure_balance_transaction_id = models.CharField(max_length=255, default="", blank=True)
    failure_code = models.CharField(max_length=80, default="", blank=True)
    failure_message = models.CharField(max_length=500, default="", blank=True)
    reconciliation_status = models.CharField(max_length=40, default="", blank=True)
    trace_id = models.CharField(max_length=255, default="", blank=True)
    statement_descriptor = models.CharField(max_length=64, default="", blank=True)
    description = models.CharField(max_length=500, default="", blank=True)
    metadata = models.JSONField(default=dict)

    objects = MirroredQuerySet["Payout"].as_manager()

    class Meta(MirroredRow.Meta):
        db_table = "payout"


# Payouts, and payouts that came back: they move money between the balance and the bank, and nothing is earned or lost.
_PAYOUT = "payout"
PAYOUT = Q(type__startswith=_PAYOUT)
NO_PAYOUT = ~PAYOUT
# The balance that customers pay into. Reserves and others have balances of their own; old forms name none.
_PAYMENTS = ("", "payments")
OF_PAYMENTS = Q(balance_type__in=_PAYMENTS)
_TO_PLACE = ("", Booking.UNKNOWN.value)


class BalanceTransaction(MirroredRow):
    """One movement, in minor units: ``net`` is ``amount`` less ``fee``; all three may be negative. ``source_id`` is the
    processor's object behind it, ``fee_details`` are [type, amount, currency, description] each. ``booking`` is what it
    is in words of no processor, empty while it is not in the books yet."""

    PREFIX = "blt"

    booking = models.CharField(max_length=12, default="", blank=True)

    type = models.CharField(max_length=80)
    reporting_category = models.CharField(max_length=80, default="", blank=True)
    status = models.CharField(max_length=40, default="", blank=True)
    amount = models.BigIntegerField()
    fee = models.BigIntegerField()
    net = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    exchange_rate = models.DecimalField(max_digits=24, decimal_places=12, null=True)
    source_id = models.CharField(max_length=255, default="", blank=True)
    description = models.CharField(max_length=500, default="", blank=True)
    balance_type = models.CharField(max_length=40, default="", blank=True)
    available_on = models.DateTimeField(null=True)
    fee_details = models.JSONField(default=list)

    objects = MirroredQuerySet["BalanceTransaction"].as_manager()

    class Meta(MirroredRow.Meta):
        db_table = "balance_transaction"
        indexes = [
            *MirroredRow.Meta.indexes,
            models.Index(
                fields=["merchant", "livemode", "currency", "amount", "id"], name="balance_transaction_by_amount"
            ),
            models.Index(
                fields=["account", "source_id"], name="balance_transaction_source", condition=~Q(source_id="")
            ),
            models.Index(
                fields=["account", "available_on"], name="balance_transaction_due", condition=Q(status="pending")
            ),
            # What is to be booked, and what nobody could place.
            models.Index(
                fields=["booking", "id"], name="balance_transaction_to_place", condition=Q(booking__in=_TO_PLACE)
            ),
            # What became available within the hour is added to the hours before, see the figures.
            models.Index("merchant", "livemode", Coalesce("available_on", "created_at"), name="balance_available"),
        ]

    @property
    def is_payout(self) -> bool:
        return self.type.startswith(_PAYOUT)

    @property
    def is_of_payments(self) -> bool:
        return self.balance_type in _PAYMENTS
