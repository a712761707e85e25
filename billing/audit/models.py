"""One row per act, chained by hashes. The database refuses to change or remove a row (triggers.py)."""

import uuid

from django.db import models

GENESIS = "0" * 64


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

    class Meta:
        db_table = "audit_event"
        constraints = [
            models.UniqueConstraint(fields=["merchant_id", "seq"], name="audit_seq_once", nulls_distinct=False),
            models.UniqueConstraint(fields=["merchant_id", "prev_hash"], name="audit_no_fork", nulls_distinct=False),
            models.CheckConstraint(condition=models.Q(seq__gte=1), name="audit_seq_from_one"),
        ]
        indexes = [models.Index(fields=["merchant_id", "object_type", "object_id"], name="audit_object")]

    def __str__(self) -> str:
        return f"#{self.seq} {self.action} {self.object_type} {self.object_id}"
