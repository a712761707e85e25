"""What this process counts for Prometheus. Each process counts for itself."""

from prometheus_client import Counter, Gauge

DELIVERIES = Counter("counterfoil_webhook_deliveries_total", "Webhook deliveries by answer", ["answer"])
QUEUE_DEPTH = Gauge("counterfoil_queue_rows", "Rows of each queue by state", ["queue", "state"])
QUEUE_AGE = Gauge("counterfoil_queue_oldest_seconds", "Age of the oldest row that waits", ["queue"])
NUDGES_LOST = Gauge("counterfoil_nudges_lost", "Nudges that this process could not send")
