"""Celery's half of the queues: it is woken, does what is due, and may be lost without harm."""

import time

from celery import shared_task
from django.db import close_old_connections

from billing.queue import registry
from billing.queue.nudge import nudge_now
from billing.queue.run import claim_and_run

# One nudge must not hold a worker for ever while events keep coming, nor long once it is asked to stop.
_SECONDS_A_NUDGE = 1.0


@shared_task(name="billing.run_queue", ignore_result=True)
def run_queue(name: str) -> None:
    """Work until the queue is empty, or hand over to a nudge of one's own."""
    # A server that was away meanwhile is noticed before a row is claimed.
    close_old_connections()
    queue = registry.get(name)
    until = time.monotonic() + _SECONDS_A_NUDGE
    while done := claim_and_run(queue):
        if done < queue.batch:
            time.sleep(queue.gather)
        if time.monotonic() > until:
            nudge_now(name)
            return
