"""What was answered to a request that carried a key of its sender's choosing."""

from django.db import models

from billing import clock


class IdempotencyKey(models.Model):
    """Exists only together with what its request did: both commit in one transaction. ``merchant`` is None for what
    staff do across merchants."""

    merchant = models.ForeignKey("billing.Merchant", on_delete=models.PROTECT, null=True, related_name="+")
    key = models.CharField(max_length=255)
    request_hash = models.CharField(max_length=64)
    response = models.JSONField(null=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        db_table = "idempotency_key"
        constraints = [
            models.UniqueConstraint(fields=["merchant", "key"], name="idempotency_key_once", nulls_distinct=False)
        ]

    def __str__(self) -> str:
        return self.key
