"""Live streams are async, doors for machines have a short way of their own (``portal.inbound.doors``), and everything
else runs in four threads of WSGI Django, each with one database connection.

Under plain ASGI every request opened a database connection of its own.
"""

import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, cast

from a2wsgi import WSGIMiddleware
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

streams = get_asgi_application()

from portal.inbound.doors import PREFIX, doors  # noqa: E402 - Django is set up above
from portal.wsgi import application as pages  # noqa: E402

# More only wait for each other: every query gives the interpreter away, and taking it back costs up to 5 ms a thread.
THREADS = 4
threaded = WSGIMiddleware(cast(Any, pages), workers=THREADS)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["type"] == "http":
        await _app_of(scope["path"])(scope, receive, send)


def _app_of(path: str) -> Any:
    if path.startswith(PREFIX):
        return doors
    return streams if path.endswith("/_/live/") else threaded


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
