from django.apps import AppConfig


class PoisonConfig(AppConfig):
    name = "tests.trust.poison"
    label = "trust_poison"

    def ready(self) -> None:
        # After billing's own: the later registration wins.
        from tests.trust.poison import handlers  # noqa: F401
