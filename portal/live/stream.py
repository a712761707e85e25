"""Server-sent events from Redis: topics, no data. Without Redis the stream ends and pages poll."""

import asyncio
import time
from collections.abc import AsyncIterator

import redis.asyncio
from django.conf import settings
from redis.exceptions import RedisError

from portal.live.publish import REMEMBERED_SECONDS, mark_of

_HEARTBEAT_SECONDS = 20
LONGEST_SECONDS = 600
_RECONNECT = b"event: reconnect\ndata: \n\n"


async def signals(name: str, *, seconds: float = LONGEST_SECONDS) -> AsyncIterator[bytes]:
    """Signals of one channel for that long, then a request to connect again, so that permissions are checked anew."""
    if not settings.REDIS_URL:
        return
    until = time.monotonic() + seconds
    # redis-py bounds every read by default; a subscription waits for as long as nothing happens.
    client = redis.asyncio.Redis.from_url(settings.REDIS_URL, socket_timeout=None, socket_connect_timeout=0.5)
    try:
        async with client, client.pubsub() as subscription:
            await subscription.subscribe(name)
            # The confirmation: from here on nothing is missed.
            await subscription.get_message(timeout=_HEARTBEAT_SECONDS)
            yield b"retry: 3000\n: connected\n\n"
            age = await _age_of_last(client, name)
            if age is not None:
                yield b"event: last\ndata: %d\n\n" % age
            while (left := until - time.monotonic()) > 0:
                message = await subscription.get_message(timeout=min(left, _HEARTBEAT_SECONDS))
                if message is None:
                    yield b": still here\n\n"
                    continue
                yield b"event: changed\ndata: " + message["data"] + b"\n\n"
            yield _RECONNECT
    except (RedisError, OSError, asyncio.IncompleteReadError):
        return


async def _age_of_last(client: "redis.asyncio.Redis", name: str) -> int | None:
    """Milliseconds since the last signal, by Redis' clock; None when there was none for long. A page that is older
    than it may have missed it between its making and its stream."""
    left: int = await client.pttl(mark_of(name))
    return REMEMBERED_SECONDS * 1_000 - left if left >= 0 else None
