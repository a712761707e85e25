"""A merchant's account at a processor."""

import uuid
from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.crypto import EncryptedField
from billing.ids import new_id
from billing.merchants.models import Merchant


def new_connection_id() -> str:
    return new_id("con")


class Provider(models.TextChoices):
    STRIPE = "stripe", "Stripe"


class ConnectionStatus(models.TextChoices):
    CONNECTED = "connected", _("Connected")
    DISCONNECTED = "disconnected", _("Disconnected")


class ProviderAccountQuerySet(models.QuerySet["ProviderAccount"]):
    def for_merchant(self, merchant: Merchant, livemode: bool) -> "ProviderAccountQuerySet":
        return self.filter(merchant=merchant, livemode=livemode)


class ProviderAccount(models.Model):
    """One account at one processor in one mode, with its own key or as an account of a Connect platform.

    An account of a ``platform`` has no key and no door of its own: it is called with the platform's key, and its
    events come to the platform's door and name it. ``granted`` is what the last test of the connection found: a word
    for each thing that the key may read, and why not for those that it may not (``billing.providers.scopes``).
    ``refusal`` is what the processor last said against the key itself, empty while it takes it. ``left_at`` is the
    processor's time at which an account took its permission back; None where a person disconnected it.
    ``reconnected_at`` is when a person connected it again, None where nobody had to.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    public_id = models.CharField(max_length=40, unique=True, default=new_connection_id)
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="connections")
    provider = models.CharField(max_length=16, choices=Provider, default=Provider.STRIPE)
    livemode = models.BooleanField()
    external_account = models.CharField(max_length=64, default="", blank=True)
    is_connect = models.BooleanField(default=False)
    platform = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="accounts")
    is_platform = models.BooleanField(default=False)
    name = models.CharField(max_length=200, default="", blank=True)
    country = models.CharField(max_length=2, default="", blank=True)
    api_key = EncryptedField(null=True)
    key_last4 = models.CharField(max_length=4, default="", blank=True)
    api_base = models.URLField(default="", blank=True)
    status = models.CharField(max_length=16, choices=ConnectionStatus, default=ConnectionStatus.CONNECTED)
    created_at = models.DateTimeField()
    tested_at = models.DateTimeField(null=True)
    granted = models.JSONField(default=dict)
    refusal = models.CharField(max_length=300, default="", blank=True)
    disconnected_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)
    reconnected_at = models.DateTimeField(null=True)

    objects = ProviderAccountQuerySet.as_manager()

    class Meta:
        db_table = "provider_account"
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "provider", "livemode", "external_account", "api_base"],
                name="provider_account_once",
            ),
            models.UniqueConstraint(
                fields=["platform", "external_account"],
                name="provider_account_once_a_platform",
                condition=Q(platform__isnull=False),
            ),
            models.CheckConstraint(
                condition=Q(is_connect=False) | ~Q(external_account=""), name="provider_account_connect_names_account"
            ),
            models.CheckConstraint(
                condition=Q(platform__isnull=True) | Q(is_connect=True, is_platform=False),
                name="provider_account_of_platform",
            ),
            models.CheckConstraint(
                condition=Q(api_key__isnull=False) | Q(platform__isnull=False) | Q(status="disconnected"),
                name="provider_account_has_key",
            ),
            # What was left keeps no way in.
            models.CheckConstraint(
                condition=~Q(status="disconnected") | Q(api_key__isnull=True), name="provider_account_left_has_no_key"
            ),
        ]

    @property
    def simulated(self) -> bool:
        """Whether a stand-in answers instead of the processor itself."""
        return bool(self.api_base)

    @property
    def is_connected(self) -> bool:
        return self.status == ConnectionStatus.CONNECTED

    @property
    def connected_at(self) -> datetime:
        """Since when it takes deliveries without a break."""
        return self.reconnected_at or self.created_at

    @property
    def mode(self) -> str:
        return "live" if self.livemode else "test"


class WebhookSecret(models.Model):
    """A signing secret of the account's webhook endpoint; several are valid while one is rolled."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(ProviderAccount, on_delete=models.CASCADE, related_name="secrets")
    secret = EncryptedField()
    last4 = models.CharField(max_length=4)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "provider_webhook_secret"
