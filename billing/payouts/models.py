"""What leaves the balance for the bank, and every movement of the balance."""

from django.db import models
from django.db.models import Case, F, Q, When
from django.utils.translation import gettext_lazy as _

from billing.merchants.models import Merchant
from billing.mirror.models import MirroredQuerySet, MirroredRow
from billing.providers.events import Booking
from billing.providers.models import ConnectionStatus, ProviderAccount


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
# What is kept back from a payout stays in the balance.
_PAYOUTS = ("payout", "payout_cancel", "payout_failure")
PAYOUT = Q(type__in=_PAYOUTS)
NO_PAYOUT = ~PAYOUT
# What movements leave of what was earned: of a payout its fee.
LEFT = Case(When(PAYOUT, then=-F("fee")), default=F("net"), output_field=models.BigIntegerField())
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
        ]

    @property
    def is_payout(self) -> bool:
        return self.type in _PAYOUTS

    @property
    def is_of_payments(self) -> bool:
        return self.balance_type in _PAYMENTS


class ProcessorBalanceQuerySet(models.QuerySet["ProcessorBalance"]):
    def for_merchant(self, merchant: Merchant | int, livemode: bool) -> "ProcessorBalanceQuerySet":
        return self.filter(merchant=merchant, livemode=livemode)

    def differing(self) -> "ProcessorBalanceQuerySet":
        """Those of accounts that are connected still, and so are compared again."""
        return self.filter(~Q(cause=""), account__status=ConnectionStatus.CONNECTED)


class Cause(models.TextChoices):
    """What a difference between the processor's balance and ours is proved to come from."""

    NOT_BOOKED = "not_booked", _("Not in the books yet")
    DUE = "due", _("Pending here, available there")
    RESERVED = "reserved", _("Reserved for connected accounts")
    UNKNOWN = "unknown", _("No cause found")


class ProcessorBalance(models.Model):
    """What a connection's processor held of a currency when it was last compared with the books, and what these said of
    that moment: minor units. ``cause`` is empty where both are equal, ``cause_count`` counts the movements that it
    speaks of. ``compared_at`` is the processor's time, ``differs_since`` when a difference was first seen."""

    account = models.ForeignKey(ProviderAccount, on_delete=models.CASCADE, related_name="+", db_index=False)
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    livemode = models.BooleanField()
    currency = models.CharField(max_length=3)
    available = models.BigIntegerField()
    pending = models.BigIntegerField()
    reserved = models.BigIntegerField()
    our_available = models.BigIntegerField()
    our_pending = models.BigIntegerField()
    cause = models.CharField(max_length=12, choices=Cause, default="", blank=True)
    cause_count = models.PositiveIntegerField(default=0)
    compared_at = models.DateTimeField()
    differs_since = models.DateTimeField(null=True)

    objects = ProcessorBalanceQuerySet.as_manager()

    class Meta:
        db_table = "processor_balance"
        constraints = [
            models.UniqueConstraint(fields=["account", "currency"], name="processor_balance_once"),
            models.CheckConstraint(
                condition=Q(cause="", available=F("our_available"), pending=F("our_pending"))
                | ~Q(cause="") & ~Q(available=F("our_available"), pending=F("our_pending")),
                name="processor_balance_cause_of_difference",
            ),
            models.CheckConstraint(
                condition=Q(cause="", differs_since=None) | ~Q(cause="") & Q(differs_since__isnull=False),
                name="processor_balance_differs_since",
            ),
        ]
        indexes = [
            models.Index(fields=["merchant", "livemode"], name="processor_balance_merchant"),
            models.Index(fields=["differs_since", "id"], name="processor_balance_differing", condition=~Q(cause="")),
        ]

    @property
    def available_difference(self) -> int:
        """What the processor has more than the books."""
        return self.available - self.our_available

    @property
    def pending_difference(self) -> int:
        return self.pending - self.our_pending
