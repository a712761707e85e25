"""The accounts that money can be in, or come from."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Code(models.TextChoices):
    """Of each connection and currency one account of each kind, opened by its first posting.

    The first are places: what they hold is the merchant's, a debit adds to it. The others say where it came from and
    where it went: income is a credit, so a negative balance; what it cost is a debit.
    """

    PENDING = "processor_pending", _("Pending at the processor")
    AVAILABLE = "processor_available", _("Available at the processor")
    RESERVES = "reserves", _("Reserves")
    # Taken out of the balance and not yet given back: some processors book the other side to the reserves, some do not.
    HELD = "held_back", _("Held back")
    OTHER_BALANCES = "other_balances", _("Other balances at the processor")
    IN_TRANSIT = "payouts_in_transit", _("Payouts in transit")
    BANK = "bank", _("Bank")

    PAYMENTS = "payments", _("Payments")
    REFUNDS = "refunds", _("Refunds")
    DISPUTES = "disputes", _("Disputes")
    DISPUTE_FEES = "dispute_fees", _("Dispute fees")
    FEES = "fees", _("Fees")
    EARNINGS = "application_fees", _("Application fees earned")
    TRANSFERS = "transfers", _("Transfers and top-ups")
    ISSUING = "issuing", _("Card issuing")
    ADJUSTMENTS = "adjustments", _("Adjustments")
    # What nobody could place. It is to be empty.
    SUSPENSE = "suspense", _("Suspense")


PLACES = (
    Code.PENDING,
    Code.AVAILABLE,
    Code.RESERVES,
    Code.HELD,
    Code.OTHER_BALANCES,
    Code.IN_TRANSIT,
    Code.BANK,
)
