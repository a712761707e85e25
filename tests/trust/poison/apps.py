import json
import os

from django.apps import AppConfig


class PoisonConfig(AppConfig):
    name = "tests.trust.poison"
    label = "trust_poison"

    def ready(self) -> None:
        # After billing's own: the later registration wins.
        from tests.trust.poison import handlers  # noqa: F401

        if planted := os.environ.get("TRUST_PLANTED"):
            from tests.trust.poison.planting import plant

            plant(**json.loads(planted))
