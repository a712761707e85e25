"""The inbox: every event that a processor delivered, kept as it came."""

import json
from functools import cached_property
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.ids import new_id
from billing.merchants.models import Merchant
from billing.providers.models import ProviderAccount
from billing.queue.models import QueueRow, State


def new_event_id() -> str:
    return new_id("whk")


class Outcome(models.TextChoices):
    CHANGED = "changed", _("Changed something")
    NO_CHANGE = "no_change", _("No change")
    IGNORED = "ignored", _("Ignored")
    PARKED = "parked", _("Waiting for its object")
    FAILED = "failed", _("Failed, will be tried again")
    DEAD = "dead", _("Dead letter")


class Origin(models.TextChoices):
    DELIVERED = "delivered", _("Delivered by the processor")
    IMPORTED = "imported", _("Found in the processor's list")


class WebhookEventQuerySet(models.QuerySet["WebhookEvent"]):
    def for_merchant(self, merchant: Merchant, livemode: bool) -> "WebhookEventQuerySet":
        return self.filter(merchant=merchant, livemode=livemode)


class WebhookEvent(QueueRow):
    """``body`` holds the raw bytes that were signed, or what the processor's list of events said; a trigger keeps them
    as they are. ``waits_for`` is the processor's id of the object without which a parked event makes no sense."""

    # Indexes of their own would repeat how longer ones below begin, and each is written three times an event.
    public_id = models.CharField(max_length=40, default=new_event_id)
    account = models.ForeignKey(ProviderAccount, on_delete=models.PROTECT, related_name="events", db_index=False)
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    livemode = models.BooleanField()
    external_id = models.CharField(max_length=255)
    type = models.CharField(max_length=120)
    api_version = models.CharField(max_length=40, default="", blank=True)
    object_type = models.CharField(max_length=80, default="", blank=True)
    object_id = models.CharField(max_length=255, default="", blank=True)
    body = models.BinaryField()
    headers = models.JSONField(default=dict)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    outcome = models.CharField(max_length=12, choices=Outcome, default="", blank=True)
    replayed_by = models.CharField(max_length=200, default="", blank=True)
    origin = models.CharField(max_length=10, choices=Origin, default=Origin.DELIVERED)
    waits_for = models.CharField(max_length=255, default="", blank=True)

    objects = WebhookEventQuerySet.as_manager()

    WORKED_WITH = (
        *("public_id", "account_id", "merchant_id", "livemode", "external_id", "type", "body", "occurred_at"),
        "replayed_by",
    )

    class Meta(QueueRow.Meta):
        db_table = "webhook_event"
        constraints = [
            models.UniqueConstraint(fields=["public_id"], name="webhook_event_public_id"),
            models.UniqueConstraint(fields=["account", "external_id"], name="webhook_event_once"),
        ]
        indexes = [
            *QueueRow.Meta.indexes,
            models.Index(fields=["merchant", "livemode", "-received_at", "-id"], name="webhook_event_list"),
            models.Index(fields=["-received_at", "-id"], name="webhook_event_all"),
            models.Index(fields=["account", "object_id"], name="webhook_event_object"),
            # What somebody must look at is rare among millions.
            models.Index(
                fields=["merchant", "livemode", "-received_at", "-id"],
                name="webhook_event_stuck",
                condition=Q(state__in=[State.PARKED, State.DEAD]),
            ),
            models.Index(fields=["account", "waits_for"], name="webhook_event_waits", condition=Q(state=State.PARKED)),
        ]

    @property
    def is_kept(self) -> bool:
        """Whether the body is still here: it goes after 90 days."""
        return bool(self.body)

    @cached_property
    def payload(self) -> dict[str, Any]:
        """The event as the processor wrote it."""
        payload: dict[str, Any] = json.loads(bytes(self.body))
        return payload


class WebhookAttempt(models.Model):
    """One try at processing an event, for the people who ask why. ``effects`` are [what, kind, public id] each."""

    event = models.ForeignKey(WebhookEvent, on_delete=models.CASCADE, related_name="runs")
    number = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    duration_ms = models.PositiveIntegerField()
    result = models.CharField(max_length=12, choices=Outcome)
    message = models.TextField(default="", blank=True)
    traceback = models.TextField(default="", blank=True)
    effects = models.JSONField(default=list)
    worker = models.CharField(max_length=120)
    asked_by = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        db_table = "webhook_attempt"
