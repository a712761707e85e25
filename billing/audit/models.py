"""One row per act, chained by hashes. The database refuses to change or remove a row (triggers.py)."""

import uuid

from django.db import models
from django.db.models import Q

GENESIS = "0" * 64
# What staff write for each other about a payment or a customer; merchants do not learn that it was written.
_AMONG_STAFF = Q(action__in=("note.added", "notes.added"), after__contains={"audience": "staff"})


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    def of_chain(self, merchant_id: int | None) -> "AuditEventQuerySet":
        """All rows of a merchant's chain; of the platform's own for None."""
        return self.filter(merchant_id=merchant_id)

    def for_merchant(self, merchant_id: int) -> "AuditEventQuerySet":
        """What a merchant's own people read of its chain, which both modes share."""
        return self.of_chain(merchant_id).exclude(_AMONG_STAFF)


class AuditEvent(models.Model):
    """An act of a person, a rule or our own automation.

    There are no foreign keys: a row outlives what it names. merchant_id None is the platform's own chain.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    merchant_id = models.BigIntegerField(null=True)
    seq = models.BigIntegerField()
    occurred_at = models.DateTimeField()
    actor_kind = models.CharField(max_length=16)
    actor_id = models.TextField()
    actor_label = models.TextField()
    on_behalf_of = models.TextField(blank=True)
    request_id = models.TextField(blank=True)
    address = models.TextField(blank=True)
    action = models.TextField()
    object_type = models.TextField()
    object_id = models.TextField()
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    reason = models.TextField(blank=True)
    prev_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        db_table = "audit_event"
        constraints = [
            models.UniqueConstraint(fields=["merchant_id", "seq"], name="audit_seq_once", nulls_distinct=False),
            models.UniqueConstraint(fields=["merchant_id", "prev_hash"], name="audit_no_fork", nulls_distinct=False),
            models.CheckConstraint(condition=models.Q(seq__gte=1), name="audit_seq_from_one"),
        ]
        indexes = [
            models.Index(fields=["merchant_id", "object_type", "object_id"], name="audit_object"),
            # For the lists: one chain or all of them by time, then what their filters name.
            models.Index(fields=["merchant_id", "occurred_at", "seq"], name="audit_chain_time"),
            models.Index(fields=["occurred_at", "seq"], name="audit_time"),
            models.Index(fields=["actor_id", "occurred_at"], name="audit_actor"),
            models.Index(fields=["action", "occurred_at"], name="audit_action"),
            models.Index(fields=["object_type", "occurred_at"], name="audit_object_type"),
            models.Index(fields=["object_id"], name="audit_object_id"),
            models.Index(fields=["request_id"], name="audit_request", condition=~Q(request_id="")),
        ]

    def __str__(self) -> str:
        return f"#{self.seq} {self.action} {self.object_type} {self.object_id}"


class ChainCheck(models.Model):
    """How far a chain was verified: verify_due (check.py) keeps it.

    ``verified_*`` is the last head up to which every row fitted, from the first one on, in a check that was begun at
    ``verified_from`` and ended at ``verified_at``. A check under way has come to ``reached_*``. ``broken_seq`` is the
    row where the last check that ended found a break, None where it found none.
    """

    merchant_id = models.BigIntegerField(null=True)
    verified_seq = models.BigIntegerField(default=0)
    verified_hash = models.CharField(max_length=64, default=GENESIS)
    verified_from = models.DateTimeField(null=True)
    verified_at = models.DateTimeField(null=True)
    reached_seq = models.BigIntegerField(default=0)
    reached_hash = models.CharField(max_length=64, default=GENESIS)
    begun_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    broken_seq = models.BigIntegerField(null=True)
    finding = models.TextField(default="", blank=True)
    broken_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "audit_chain_check"
        constraints = [models.UniqueConstraint(fields=["merchant_id"], name="audit_check_once", nulls_distinct=False)]

    def __str__(self) -> str:
        return f"chain {self.merchant_id}: verified to #{self.verified_seq}"

    @property
    def is_under_way(self) -> bool:
        return self.begun_at is not None

    @property
    def is_broken(self) -> bool:
        return self.broken_seq is not None
