"""What happened here, for whoever subscribed to it."""

from django.db import models

from billing.queue.models import QueueRow


class OutboxEvent(QueueRow):
    """One fact of ours, written in the transaction that made it true."""

    type = models.CharField(max_length=80)
    merchant_id = models.BigIntegerField(null=True)
    livemode = models.BooleanField(default=False)
    object_id = models.CharField(max_length=40)
    payload = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    class Meta(QueueRow.Meta):
        db_table = "outbox_event"


class OutboxDelivery(QueueRow):
    """One subscriber's copy, with attempts of its own: a subscriber that fails delays no other."""

    event = models.ForeignKey(OutboxEvent, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    subscriber = models.CharField(max_length=120)

    class Meta(QueueRow.Meta):
        db_table = "outbox_delivery"
        constraints = [models.UniqueConstraint(fields=["event", "subscriber"], name="outbox_once_a_subscriber")]
