"""Sums of what happened, so that nobody has to add up a year of rows to draw a chart."""

from django.db import models

from billing.merchants.models import Merchant


class Figures(models.Model):
    """Sums per merchant, mode and currency; amounts in its minor units. Always equal to the rows that they sum up.

    Each row counts where it was made: payments (``succeeded`` have captured something; ``amount_refunded`` is what went
    back of these very payments), refunds that are not failed or cancelled, disputes of all kinds, and ``movements`` of
    the balance that are not payouts.
    """

    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="+", db_index=False)
    livemode = models.BooleanField()
    currency = models.CharField(max_length=3)
    day = models.DateField()
    payments = models.BigIntegerField(default=0)
    succeeded = models.BigIntegerField(default=0)
    failed = models.BigIntegerField(default=0)
    amount_captured = models.BigIntegerField(default=0)
    amount_refunded = models.BigIntegerField(default=0)
    refunds = models.BigIntegerField(default=0)
    refunds_amount = models.BigIntegerField(default=0)
    disputes = models.BigIntegerField(default=0)
    disputes_amount = models.BigIntegerField(default=0)
    movements = models.BigIntegerField(default=0)
    fees = models.BigIntegerField(default=0)
    net = models.BigIntegerField(default=0)

    class Meta:
        abstract = True


class DailyFigures(Figures):
    """Of a day of the merchant's zone."""

    class Meta:
        db_table = "daily_figures"
        constraints = [
            models.UniqueConstraint(fields=["merchant", "livemode", "currency", "day"], name="daily_figures_once")
        ]


class HourlyFigures(Figures):
    """Of one hour of such a day, counted from its first moment: 23 to 25 of them, whatever a clock there shows."""

    hour = models.SmallIntegerField()

    class Meta:
        db_table = "hourly_figures"
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "livemode", "currency", "day", "hour"], name="hourly_figures_once"
            )
        ]
