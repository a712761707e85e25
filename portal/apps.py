from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "portal"

    def ready(self) -> None:
        from django.conf import settings

        from billing.queue import nudge
        from portal.accounts import role_change
        from portal.celery import app
        from portal.live import publish  # noqa: F401
        from portal.wake import send

        role_change.connect()
        app.set_default()
        if settings.REDIS_URL:
            nudge.send_with(send)
