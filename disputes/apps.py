from django.apps import AppConfig


class DisputesConfig(AppConfig):
    name = "disputes"

    def ready(self) -> None:
        # Importing a slice's handlers registers them.
        from disputes.chargebacks import handlers as chargebacks  # noqa: F401
        from disputes.reviews import handlers as reviews  # noqa: F401
        from disputes.warnings import handlers as warnings  # noqa: F401
