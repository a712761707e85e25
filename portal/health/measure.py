"""Gauges that are worked out when somebody asks for them."""

from billing import clock
from billing.commands.doubts import unknown_since
from billing.queue import registry
from billing.queue.nudge import lost_nudges
from billing.queue.standing import depth_of, fresh_since
from portal.web.counters import COMMANDS_UNKNOWN, NUDGES_LOST, QUEUE_AGE, QUEUE_DEPTH


def measure_commands() -> None:
    """Since when nobody knows what came of the oldest money request, as a gauge."""
    since = unknown_since()
    COMMANDS_UNKNOWN.set((clock.now() - since).total_seconds() if since else 0)


def measure_queues() -> None:
    """Depth of each queue, and how long its oldest new row has been waiting, as gauges."""
    now = clock.now()
    for name in registry.names():
        queue = registry.get(name)
        depth = depth_of(queue)
        states = {"pending": depth.fresh + depth.retrying, "leased": depth.leased}
        for state, count in {**states, "parked": depth.parked, "dead": depth.dead}.items():
            QUEUE_DEPTH.labels(name, state).set(count)
        oldest = fresh_since(queue)
        QUEUE_AGE.labels(name).set((now - oldest).total_seconds() if oldest else 0)
    NUDGES_LOST.set(lost_nudges())
