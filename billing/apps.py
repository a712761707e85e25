from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "billing"

    def ready(self) -> None:
        # Importing a slice's handlers registers them; the queues follow.
        from billing.outbox import relay
        from billing.payments import handlers  # noqa: F401
        from billing.queue import registry
        from billing.webhooks import process

        for queue in (process.INBOX, relay.OUTBOX, relay.DELIVERIES):
            registry.register(queue)
