"""How a nudge reaches a worker: one Celery message, sent once, lost without harm."""

from billing.queue import registry
from portal.celery import app


def send(name: str) -> None:
    """Raises when the broker cannot be reached; whoever nudges counts that and goes on."""
    app.send_task("billing.run_queue", [name], queue=registry.get(name).pool, ignore_result=True, retry=False)
