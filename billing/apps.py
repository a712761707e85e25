from datetime import timedelta

from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "billing"

    def ready(self) -> None:
        # Importing it registers the lookup `among`, of which queues ask by name.
        from billing import arrays  # noqa: F401

        # Importing a slice's handlers registers them, parents first; the queues follow.
        from billing.approvals.decide import expire_due
        from billing.audit.check import verify_due
        from billing.audit.heads import export_heads
        from billing.commands import approve  # noqa: F401
        from billing.commands.carry_out import COMMANDS
        from billing.customers import handlers as customers  # noqa: F401
        from billing.invoices import handlers as invoices  # noqa: F401
        from billing.limits import change  # noqa: F401
        from billing.mirror import refetch
        from billing.outbox import relay
        from billing.payments import cancel, capture  # noqa: F401
        from billing.payments import handlers as payments  # noqa: F401
        from billing.payouts import handlers as payouts  # noqa: F401
        from billing.payouts.book import book_missing, place_unknown
        from billing.platforms import describe
        from billing.platforms import handlers as platforms  # noqa: F401
        from billing.queue import registry, schedule
        from billing.refunds import handlers as refunds  # noqa: F401
        from billing.refunds import receipts, send  # noqa: F401
        from billing.sync import adopted, rounds, run  # noqa: F401
        from billing.webhooks import process
        from billing.webhooks.prune import prune

        schedule.register(schedule.Schedule("prune", timedelta(days=1), prune))
        # Its rounds go on with what the one before left, and begin a check of each chain every hour.
        schedule.register(schedule.Schedule("audit checks", timedelta(minutes=1), verify_due))
        schedule.register(schedule.Schedule("audit heads", timedelta(hours=1), export_heads))
        schedule.register(schedule.Schedule("approvals", timedelta(minutes=1), expire_due))
        schedule.register(schedule.Schedule("books", timedelta(minutes=1), book_missing))
        schedule.register(schedule.Schedule("movements to place", timedelta(hours=1), place_unknown))
        schedule.register(schedule.Schedule("gaps", rounds.EVERY, rounds.search_for_gaps))
        schedule.register(schedule.Schedule("drift", rounds.EVERY, rounds.compare_recent))
        schedule.register(schedule.Schedule("old runs", timedelta(days=1), rounds.forget_runs))
        ours = (process.INBOX, relay.OUTBOX, relay.DELIVERIES)
        for queue in (*ours, COMMANDS, refetch.REFETCH, run.SYNC, describe.DESCRIPTIONS):
            registry.register(queue)
