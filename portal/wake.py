"""How a nudge reaches a worker: one Celery message, sent once, lost without harm."""

from portal.celery import app

_QUEUES = {"inbox": "events", "outbox": "events", "deliveries": "events", "refetch": "processor", "sync": "processor"}


def send(name: str) -> None:
    """Raises when the broker cannot be reached; whoever nudges counts that and goes on."""
    app.send_task("billing.run_queue", [name], queue=_QUEUES[name], ignore_result=True, retry=False)
