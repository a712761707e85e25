"""What waits for a second person, and who decided."""

import uuid
from functools import partial

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from billing.ids import new_id
from billing.merchants.models import Merchant


class Cause(models.TextChoices):
    """Why a second person is needed."""

    SINGLE = "single", _("More than this role may move of one payment")
    DAILY = "daily", _("More than this role may move within 24 hours")
    LIMIT = "limit", _("A limit always takes two people")
    BATCH = "batch", _("Several payments at once always take two people")


class Decision(models.TextChoices):
    PENDING = "pending", _("Waiting for approval")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    EXPIRED = "expired", _("Expired")


DECIDED_BY_SOMEBODY = (Decision.APPROVED, Decision.REJECTED)
LONGEST_COMMENT = 500


class ApprovalQuerySet(models.QuerySet["Approval"]):
    def for_merchant(self, merchant: Merchant | int, livemode: bool) -> "ApprovalQuerySet":
        return self.filter(merchant=merchant, livemode=livemode)


class Approval(models.Model):
    """A request that somebody else has to decide, once. ``digest`` is that of what was asked for, in all its details:
    what was changed since needs another approval. ``amount`` in minor units, None for what is no money;
    ``limit_amount`` is what the requester may move alone. ``object_id`` is the public id of what is approved.
    ``decided_by`` names whoever withdrew it, too."""

    public_id = models.CharField(max_length=40, unique=True, default=partial(new_id, "apr"))
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    livemode = models.BooleanField()
    kind = models.CharField(max_length=16)
    object_id = models.CharField(max_length=40)
    digest = models.CharField(max_length=64)
    amount = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, default="", blank=True)
    cause = models.CharField(max_length=10, choices=Cause)
    limit_amount = models.BigIntegerField(null=True)
    requested_by_kind = models.CharField(max_length=16)
    requested_by_id = models.CharField(max_length=64)
    requested_by = models.CharField(max_length=254)
    requested_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    decision = models.CharField(max_length=10, choices=Decision, default=Decision.PENDING)
    decided_by_kind = models.CharField(max_length=16, default="", blank=True)
    decided_by_id = models.CharField(max_length=64, default="", blank=True)
    decided_by = models.CharField(max_length=254, default="", blank=True)
    decided_at = models.DateTimeField(null=True)
    comment = models.CharField(max_length=LONGEST_COMMENT, default="", blank=True)

    objects = ApprovalQuerySet.as_manager()

    class Meta:
        db_table = "approval"
        constraints = [
            models.UniqueConstraint(fields=["kind", "object_id"], name="approval_once"),
            models.CheckConstraint(
                condition=Q(decision=Decision.PENDING, decided_at=None)
                | (~Q(decision=Decision.PENDING) & Q(decided_at__isnull=False)),
                name="approval_decided",
            ),
            models.CheckConstraint(
                condition=~Q(decision__in=DECIDED_BY_SOMEBODY) | ~Q(decided_by_id=""), name="approval_by_somebody"
            ),
            models.CheckConstraint(
                condition=~Q(decision=Decision.APPROVED) | ~Q(decided_by_id=F("requested_by_id")),
                name="approval_by_another",
            ),
        ]
        indexes = [
            models.Index(fields=["merchant", "livemode", "-requested_at", "-id"], name="approval_list"),
            models.Index(fields=["expires_at", "id"], name="approval_pending", condition=Q(decision=Decision.PENDING)),
        ]


class PersonAccount(models.Model):
    """That several accounts belong to one person: those with the same ``person``. None of them is a second one."""

    account_id = models.CharField(max_length=64, unique=True)
    person = models.UUIDField(default=uuid.uuid4, db_index=True)

    class Meta:
        db_table = "person_account"
