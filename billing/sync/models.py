"""Reading an account from the processor's side: runs, how far they got, and what they found."""

from functools import partial

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.ids import new_id
from billing.merchants.models import Merchant
from billing.providers.models import ProviderAccount
from billing.queue.models import QueueRow, State
from billing.webhooks.models import WebhookEvent


class RunKind(models.TextChoices):
    BACKFILL = "backfill", _("Full sync")
    GAPS = "gaps", _("Search for missing events")
    DRIFT = "drift", _("Comparison of recent objects")


class RunEnd(models.TextChoices):
    COMPLETE = "complete", _("Complete")
    CANCELLED = "cancelled", _("Cancelled")
    FAILED = "failed", _("Failed")


class SyncRun(QueueRow):
    """One reading of an account. It goes on from ``cursor`` after whatever stopped it; ``phase`` is the kind of object
    that it is at, empty before it began. ``progress`` counts thousandths. ``tally`` holds, by kind, how many objects
    were read, made and changed. ``since`` bounds what is read by when it was created, None reads everything."""

    public_id = models.CharField(max_length=40, unique=True, default=partial(new_id, "syn"))
    account = models.ForeignKey(ProviderAccount, on_delete=models.CASCADE, related_name="runs")
    kind = models.CharField(max_length=10, choices=RunKind)
    since = models.DateTimeField(null=True)
    phase = models.CharField(max_length=24, default="", blank=True)
    cursor = models.JSONField(default=dict)
    tally = models.JSONField(default=dict)
    progress = models.PositiveSmallIntegerField(default=0)
    asked_by = models.CharField(max_length=200, default="", blank=True)
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    end = models.CharField(max_length=10, choices=RunEnd, default="", blank=True)
    cancel_asked = models.BooleanField(default=False)

    class Meta(QueueRow.Meta):
        db_table = "sync_run"
        indexes = [
            *QueueRow.Meta.indexes,
            models.Index(fields=["account", "kind", "-asked_at"], name="sync_run_newest"),
            models.Index(
                fields=["account", "kind", "-ended_at"], name="sync_run_ended", condition=Q(ended_at__isnull=False)
            ),
        ]
        constraints = [
            # One at a time of a kind: two would read the same pages twice.
            models.UniqueConstraint(
                fields=["account", "kind"],
                name="sync_run_one_open",
                condition=Q(state__in=[State.PENDING, State.LEASED, State.PARKED]),
            )
        ]


class SyncCursor(models.Model):
    """How far an account is known to be complete: up to ``complete_until`` (the processor's time) no event is missing,
    and the newest balance transaction that was read. Of what happened before ``watched_since``, when the first full
    reading began, the objects were read: its events were nobody's to deliver, and are not missing."""

    account = models.OneToOneField(ProviderAccount, on_delete=models.CASCADE, primary_key=True, related_name="cursor")
    complete_until = models.DateTimeField(null=True)
    watched_since = models.DateTimeField(null=True)
    newest_movement = models.CharField(max_length=255, default="", blank=True)
    compared_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "sync_cursor"


class FindingKind(models.TextChoices):
    MISSING = "missing", _("Event never arrived")
    FAILED = "failed", _("Event could not be applied")
    ABSENT = "absent", _("Object was not here")
    DIFFERENT = "different", _("Object was different")


class FindingQuerySet(models.QuerySet["Finding"]):
    def for_merchant(self, merchant: Merchant, livemode: bool) -> "FindingQuerySet":
        return self.filter(merchant=merchant, livemode=livemode)


class Finding(models.Model):
    """Something that was not as the processor has it. ``amount`` in minor units where the object has one; ``ours`` and
    ``theirs`` are the two values of ``field``. ``cause`` and ``repair`` are sentences for people."""

    public_id = models.CharField(max_length=40, unique=True, default=partial(new_id, "fnd"))
    account = models.ForeignKey(ProviderAccount, on_delete=models.CASCADE, related_name="findings")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    livemode = models.BooleanField()
    run = models.ForeignKey(SyncRun, on_delete=models.SET_NULL, null=True, related_name="findings")
    kind = models.CharField(max_length=10, choices=FindingKind)
    object_type = models.CharField(max_length=40, default="", blank=True)
    object_id = models.CharField(max_length=255, default="", blank=True)
    event_type = models.CharField(max_length=120, default="", blank=True)
    event_external_id = models.CharField(max_length=255, default="", blank=True)
    event = models.ForeignKey(WebhookEvent, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    field = models.CharField(max_length=60, default="", blank=True)
    ours = models.TextField(default="", blank=True)
    theirs = models.TextField(default="", blank=True)
    amount = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, default="", blank=True)
    cause = models.CharField(max_length=300, default="", blank=True)
    repair = models.CharField(max_length=300, default="", blank=True)
    occurred_at = models.DateTimeField(null=True)
    found_at = models.DateTimeField()
    repaired_at = models.DateTimeField(null=True)

    objects = FindingQuerySet.as_manager()

    class Meta:
        db_table = "sync_finding"
        indexes = [
            models.Index(fields=["merchant", "livemode", "-found_at", "-id"], name="sync_finding_list"),
            models.Index(fields=["account", "-found_at", "-id"], name="sync_finding_account"),
        ]
