from datetime import timedelta

from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "billing"

    def ready(self) -> None:
        # Importing a slice's handlers registers them; the queues follow.
        from billing.audit.heads import export_heads
        from billing.outbox import relay
        from billing.payments import handlers  # noqa: F401
        from billing.queue import registry, schedule
        from billing.webhooks import process
        from billing.webhooks.prune import prune

        schedule.register(schedule.Schedule("prune", timedelta(days=1), prune))
        schedule.register(schedule.Schedule("audit heads", timedelta(hours=1), export_heads))
        for queue in (process.INBOX, relay.OUTBOX, relay.DELIVERIES):
            registry.register(queue)
