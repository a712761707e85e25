"""What web processes count for Prometheus: into files of one directory where PROMETHEUS_MULTIPROC_DIR names it, since a
scrape reaches only one of them; else each for itself."""

import os
from pathlib import Path
from typing import Any

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

_SHARED = os.environ.get("PROMETHEUS_MULTIPROC_DIR", "")
if _SHARED:
    Path(_SHARED).mkdir(mode=0o700, parents=True, exist_ok=True)

# Whoever is asked has just measured.
_NEWEST: dict[str, Any] = {"multiprocess_mode": "mostrecent"}
DELIVERIES = Counter("counterfoil_webhook_deliveries_total", "Webhook deliveries by answer", ["answer"])
QUEUE_DEPTH = Gauge("counterfoil_queue_rows", "Rows of each queue by state", ["queue", "state"], **_NEWEST)
QUEUE_AGE = Gauge("counterfoil_queue_oldest_seconds", "Age of the oldest row that waits", ["queue"], **_NEWEST)
COMMANDS_UNKNOWN = Gauge(
    "counterfoil_commands_unknown_seconds", "Age of the oldest money request whose outcome is unknown", **_NEWEST
)
NUDGES_LOST = Gauge("counterfoil_nudges_lost", "Nudges that web processes could not send", multiprocess_mode="sum")


def told() -> bytes:
    """All of it as Prometheus reads it; of all processes of this machine where they share a directory."""
    registry = REGISTRY
    if _SHARED:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)
