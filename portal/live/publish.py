"""Turn our own events into signals for open pages. A signal says what changed and carries no data."""

from collections.abc import Sequence

import redis
from django.conf import settings

from billing.outbox.models import OutboxEvent
from billing.outbox.subscribe import subscriber

STAFF = "live:ops"


def channel(merchant_id: int, livemode: bool) -> str:
    return f"live:{merchant_id}:{int(livemode)}"


@subscriber("payment.changed", "webhook.dead")
def signal_pages(events: Sequence[OutboxEvent]) -> None:
    """One message a channel with the topics that changed. A page that misses it asks again by itself."""
    if not settings.REDIS_URL:
        return
    topics: dict[str, set[str]] = {}
    for event in events:
        if event.merchant_id is not None:
            name = channel(event.merchant_id, event.livemode)
            topics.setdefault(name, set()).update([_kind(event.object_id), f"{event.object_id}"])
        topics.setdefault(STAFF, set()).add(_kind(event.object_id))
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=0.2, socket_timeout=1) as client:
            pipeline = client.pipeline(transaction=False)
            for name, changed in topics.items():
                pipeline.publish(name, " ".join(sorted(changed)))
            pipeline.execute()
    except redis.RedisError:
        # Pages poll while Redis is away; keeping old signals for its return would help nobody.
        return


def _kind(object_id: str) -> str:
    return object_id.partition("_")[0]
