"""Runs due work until it is stopped. Nothing else is needed for any of it to happen."""

import signal
import threading
import time
from typing import Any

import structlog
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import DatabaseError, InterfaceError, close_old_connections

from billing.queue import registry, schedule
from billing.queue.run import claim_and_run
from portal.accounts.tidy import EVERY_SECONDS, tidy

logger = structlog.get_logger(__name__)


class Command(BaseCommand):
    help = "Run due work and schedules until stopped."

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stop.set())
        tidied = -float(EVERY_SECONDS)
        while not stop.is_set():
            started = time.monotonic()
            sweep_once(stop)
            if started - tidied >= EVERY_SECONDS:
                tidied = started
                tidy_once()
            stop.wait(max(settings.QUEUE_SWEEP_SECONDS - (time.monotonic() - started), 0.05))


def tidy_once() -> None:
    try:
        tidy()
    except (DatabaseError, InterfaceError) as error:
        logger.warning("tidying interrupted", error=type(error).__name__)


def sweep_once(stop: threading.Event) -> None:
    """Empty every queue, then do what comes round. A database that went away is met again at the next round."""
    try:
        close_old_connections()
        for name in registry.names():
            queue = registry.get(name)
            while not stop.is_set() and claim_and_run(queue):
                pass
        schedule.run_due()
    except (DatabaseError, InterfaceError) as error:
        logger.warning("sweep interrupted", error=type(error).__name__)
    except Exception:
        # Scheduled work that fails is tried again at its next round; the queues must not wait for it.
        logger.exception("scheduled work failed")
