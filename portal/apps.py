from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "portal"

    def ready(self) -> None:
        from django.conf import settings

        from billing.providers import limiter
        from billing.queue import nudge, registry, schedule
        from portal import database  # noqa: F401 - registers its check
        from portal.accounts import role_change, visits_over
        from portal.celery import app
        from portal.live import publish  # noqa: F401
        from portal.notifications import forget, subscribers  # noqa: F401
        from portal.notifications.mail import MAILS
        from portal.notifications.receipts import RECEIPTS
        from portal.wake import send

        if settings.CALLS_PER_SECOND:
            # Stripe allows a quarter in test mode.
            live = int(settings.CALLS_PER_SECOND)
            limiter.configure(live=live, test=max(live // 4, 1))
        role_change.connect()
        schedule.register(schedule.Schedule("visits", visits_over.EVERY, visits_over.end_visits))
        schedule.register(schedule.Schedule("old notices", forget.EVERY, forget.forget_notices))
        registry.register(MAILS)
        registry.register(RECEIPTS)
        app.set_default()
        if settings.REDIS_URL:
            nudge.send_with(send)
