"""Runs due work until it is stopped. Nothing else is needed for any of it to happen."""

import signal
import threading
import time
from typing import Any

import structlog
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import DatabaseError, InterfaceError, close_old_connections, connections

from billing.queue import registry, schedule
from billing.queue.run import claim_and_run
from portal.accounts.tidy import EVERY_SECONDS, tidy

logger = structlog.get_logger(__name__)
_PATIENCE_SECONDS = 4


class Command(BaseCommand):
    help = "Run due work and schedules until stopped."

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stop.set())
        asking = threading.Thread(target=ask_until, args=[stop], name="asking", daemon=True)
        asking.start()
        tidied = -float(EVERY_SECONDS)
        while not stop.is_set():
            started = time.monotonic()
            sweep_once(stop)
            if started - tidied >= EVERY_SECONDS:
                tidied = started
                tidy_once()
            stop.wait(max(settings.QUEUE_SWEEP_SECONDS - (time.monotonic() - started), 0.05))
        # A processor may take half a minute to answer; its row's lease hands the question on.
        asking.join(_PATIENCE_SECONDS)


def tidy_once() -> None:
    try:
        tidy()
    except (DatabaseError, InterfaceError) as error:
        logger.warning("tidying interrupted", error=type(error).__name__)


def ask_until(stop: threading.Event) -> None:
    """What asks a processor, in a thread of its own: whoever waits for a slow answer holds up nobody else."""
    while not stop.is_set():
        try:
            close_old_connections()
            for name in registry.names(asking=True):
                claim_and_run(registry.get(name))
        except (DatabaseError, InterfaceError) as error:
            logger.warning("asking interrupted", error=type(error).__name__)
        except Exception:
            logger.exception("asking failed")
        stop.wait(settings.QUEUE_ASK_SECONDS)
    connections.close_all()


def sweep_once(stop: threading.Event) -> None:
    """Empty every queue that asks nobody, then do what comes round. What a lost database stopped goes on next round."""
    try:
        close_old_connections()
        for name in registry.names(asking=False):
            queue = registry.get(name)
            while not stop.is_set() and claim_and_run(queue):
                pass
        schedule.run_due()
    except (DatabaseError, InterfaceError) as error:
        logger.warning("sweep interrupted", error=type(error).__name__)
    except Exception:
        # Scheduled work that fails is tried again at its next round; the queues must not wait for it.
        logger.exception("scheduled work failed")
