"""How much each role may move without a second person, and what was asked to be changed about that."""

from functools import partial

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.access.roles import MerchantRole
from billing.ids import new_id
from billing.merchants.models import Merchant

LONGEST_REASON = 500


class Action(models.TextChoices):
    REFUND = "refund", _("Refunds")
    CAPTURE = "capture", _("Captures")
    CANCEL = "cancel", _("Cancellations")


class LimitFields(models.Model):
    """In minor units of ``currency``: ``single`` of one payment, ``daily`` of one person, both within 24 hours. What
    would exceed either needs a second person; 0 means always."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    livemode = models.BooleanField()
    role = models.CharField(max_length=16, choices=MerchantRole)
    action = models.CharField(max_length=16, choices=Action)
    currency = models.CharField(max_length=3)
    single = models.BigIntegerField()
    daily = models.BigIntegerField()

    class Meta:
        abstract = True


class RoleLimit(LimitFields):
    """Replaces the default of its role, for one currency."""

    class Meta:
        db_table = "role_limit"
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "livemode", "role", "action", "currency"], name="role_limit_once"
            ),
            models.CheckConstraint(condition=Q(single__gte=0, daily__gte=0), name="role_limit_amounts"),
        ]


class ChangeState(models.TextChoices):
    PENDING = "pending", _("Waiting for approval")
    APPLIED = "applied", _("Applied")
    REJECTED = "rejected", _("Rejected")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    EXPIRED = "expired", _("Expired")


class LimitChangeQuerySet(models.QuerySet["LimitChange"]):
    def for_merchant(self, merchant: Merchant | int, livemode: bool) -> "LimitChangeQuerySet":
        return self.filter(merchant=merchant, livemode=livemode)


class LimitChange(LimitFields):
    """A new limit that somebody else has to approve. ``before_*`` is what held when it was asked for, or applied."""

    public_id = models.CharField(max_length=40, unique=True, default=partial(new_id, "lim"))
    before_single = models.BigIntegerField()
    before_daily = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=ChangeState, default=ChangeState.PENDING)
    requested_at = models.DateTimeField()
    reason = models.CharField(max_length=LONGEST_REASON)

    objects = LimitChangeQuerySet.as_manager()

    class Meta:
        db_table = "limit_change"
        constraints = [
            models.CheckConstraint(condition=Q(single__gte=0, daily__gte=0), name="limit_change_amounts"),
            # Two at once would each be approved against what the other replaces.
            models.UniqueConstraint(
                fields=["merchant", "livemode", "role", "action", "currency"],
                name="limit_change_one_pending",
                condition=Q(state=ChangeState.PENDING),
            ),
        ]
