"""The simulator as a process: the API on one port of loopback, the control door on another."""

import asyncio
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from simulator.app import Api
from simulator.control.door import door
from simulator.engine import Engine
from simulator.events.deliver import Deliverer
from simulator.faults import Faults

HOST = "127.0.0.1"


class BreakableProtocol(HttpToolsProtocol):
    """Hands the connection to the application, so that a fault can end it."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["state"]["transport"] = self.transport


class Part(uvicorn.Server):
    """One of two servers in a process: leaves signals to it, and says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def listen(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Inherited by every connection: an answer is written in two pieces, and the second must not wait for an ACK.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listener.bind((HOST, port))
    return listener


async def serve(engine: Engine, api_socket: socket.socket, control_socket: socket.socket) -> None:
    """Run until SIGTERM or SIGINT; prints `ready` when both ports answer."""
    faults = Faults()
    deliverer = Deliverer(engine, faults)
    api = _server(Api(engine, faults, deliverer))
    control = _server(door(engine, faults, deliverer))
    servers = [
        asyncio.create_task(server.serve([listener]))
        for server, listener in ((api, api_socket), (control, control_socket))
    ]
    delivering = asyncio.create_task(deliverer.run())
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await asyncio.gather(api.ready.wait(), control.ready.wait())
    ports = [listener.getsockname()[1] for listener in (api_socket, control_socket)]
    print(f"ready http://{HOST}:{ports[0]} control http://{HOST}:{ports[1]}", flush=True)
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait([stopping, delivering, *servers], return_when=asyncio.FIRST_COMPLETED)
    api.should_exit = control.should_exit = True
    await asyncio.wait(servers)
    delivering.cancel()
    deliverer.close()
    failures = await asyncio.gather(delivering, return_exceptions=True)
    if isinstance(failures[0], Exception):
        raise failures[0]


def _server(app: Any) -> Part:
    # The application tells the date: uvicorn knows real time only.
    config = uvicorn.Config(
        app,
        http=BreakableProtocol,
        log_level="warning",
        access_log=False,
        lifespan="off",
        date_header=False,
        timeout_graceful_shutdown=3,
    )
    return Part(config)


def run(*, port: int, control_port: int, data: Path | None, seed: str, durable: bool, follow: bool) -> None:
    if data:
        data.mkdir(parents=True, exist_ok=True)
    engine = Engine(data, seed=seed, durable=durable)
    if follow and engine.store.meta("follow") is None:
        with engine.transaction():
            engine.clock.follow()
            engine.store.set_meta("follow", True)
    try:
        asyncio.run(serve(engine, listen(port), listen(control_port)))
    finally:
        engine.close()
