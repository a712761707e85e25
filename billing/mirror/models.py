"""What every row that mirrors an object of a processor has, and the objects that are to be asked for."""

from typing import ClassVar, Self, TypeVar

from django.db import models

from billing.merchants.models import Merchant
from billing.providers.models import ProviderAccount
from billing.queue.models import QueueRow
from billing.webhooks.models import WebhookEvent


class Snapshot(models.Model):
    """Which of the processor's snapshots a row shows: see ``billing.mirror.order``."""

    is_final = models.BooleanField(default=False)
    provider_updated_at = models.DateTimeField(null=True)
    state_rank = models.BigIntegerField(default=-1)
    order_event = models.CharField(max_length=255, default="")
    # Events stay for good, so nobody ever looks for what came from one.
    source_event = models.ForeignKey(
        WebhookEvent, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    # Since when the processor says that it knows no such object.
    unconfirmed_since = models.DateTimeField(null=True)

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


Row_co = TypeVar("Row_co", bound="MirroredRow", covariant=True)


class MirroredQuerySet(models.QuerySet[Row_co]):
    def for_merchant(self, merchant: Merchant | int, livemode: bool) -> Self:
        return self.filter(merchant=merchant, livemode=livemode)


class MirroredRow(Snapshot):
    """An object of a merchant's account at a processor. ``created_at`` is the processor's."""

    PREFIX: ClassVar[str]
    """Of the public id."""

    public_id = models.CharField(max_length=40)
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    account = models.ForeignKey(ProviderAccount, on_delete=models.PROTECT, related_name="+", db_index=False)
    livemode = models.BooleanField()
    external_id = models.CharField(max_length=255)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(fields=["public_id"], name="%(class)s_public_id"),
            models.UniqueConstraint(fields=["account", "external_id"], name="%(class)s_once"),
        ]
        indexes = [
            models.Index(fields=["merchant", "livemode", "-created_at", "-id"], name="%(class)s_list"),
        ]


class Refetch(QueueRow):
    """An object that the processor is to be asked for, because its events leave a doubt. One row an object: asking
    again while it waits adds nothing; asking while an answer is on its way (``ticket`` tells) asks once more."""

    account = models.ForeignKey(ProviderAccount, on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=24)
    object_id = models.CharField(max_length=255)
    reason = models.CharField(max_length=40)
    ticket = models.BigIntegerField(default=1)
    asked_at = models.DateTimeField()

    class Meta(QueueRow.Meta):
        db_table = "refetch"
        constraints = [models.UniqueConstraint(fields=["account", "kind", "object_id"], name="refetch_once")]
