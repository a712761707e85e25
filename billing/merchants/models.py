"""Merchants, and who may act for them."""

from functools import partial
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models

from billing import clock
from billing.access.roles import MerchantRole
from billing.access.verbs import P
from billing.ids import new_id


class Merchant(models.Model):
    """A business whose payments are kept apart from all others."""

    public_id = models.CharField(max_length=32, unique=True, default=partial(new_id, "mer"), editable=False)
    # Part of every address of the merchant's pages; create.py says what it may look like.
    slug = models.CharField(max_length=63, unique=True)
    name = models.CharField(max_length=200)
    # IANA name; days of figures and deadlines are days of this zone.
    timezone = models.CharField(max_length=64)
    default_currency = models.CharField(max_length=3)
    branding = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        db_table = "merchant"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(slug__regex=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"), name="merchant_slug_plain"
            ),
            models.CheckConstraint(condition=models.Q(default_currency__regex=r"^[A-Z]{3}$"), name="merchant_currency"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


class Membership(models.Model):
    """One person's role at one merchant. Changed through members.py only, which writes the audit trail."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=16, choices=MerchantRole)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        db_table = "merchant_membership"
        constraints = [
            models.UniqueConstraint(fields=["merchant", "user"], name="membership_once"),
            models.CheckConstraint(condition=models.Q(role__in=MerchantRole.values), name="membership_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} of {self.merchant_id}"

    @property
    def verbs(self) -> frozenset[P]:
        return MerchantRole(self.role).verbs
