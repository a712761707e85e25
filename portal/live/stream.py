"""Server-sent events from Redis: topics, no data. Without Redis the stream ends and pages poll."""

import asyncio
import time
from collections.abc import AsyncIterator

import redis.asyncio
from django.conf import settings
from redis.exceptions import RedisError

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
            while (left := until - time.monotonic()) > 0:
                message = await subscription.get_message(timeout=min(left, _HEARTBEAT_SECONDS))
                if message is None:
                    yield b": still here\n\n"
                    continue
                yield b"event: changed\ndata: " + message["data"] + b"\n\n"
            yield _RECONNECT
    except (RedisError, OSError, asyncio.IncompleteReadError):
        return
