"""A TCP proxy whose misbehaviour can be changed while it runs."""

import asyncio
import threading
from collections.abc import Coroutine
from contextlib import suppress
from enum import StrEnum
from typing import Any


class Mode(StrEnum):
    PASS = "pass"
    REFUSE = "refuse"
    RESET = "reset"
    BLACK_HOLE = "black hole"


class FaultProxy:
    """Listens on `port` of loopback and passes bytes on to `target`, in a thread of its own.

    `latency` is added to every chunk, in seconds. RESET and REFUSE end open connections; BLACK_HOLE keeps them and
    passes nothing; `cut_after` bytes of answers a connection is reset.
    """

    def __init__(self, port: int, target: int) -> None:
        self.port, self.target = port, target
        self.mode, self.latency, self.cut_after = Mode.PASS, 0.0, 0
        self._open: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True, name="proxy")
        self._thread.start()
        self._server = self._do(asyncio.start_server(self._connected, "127.0.0.1", port))

    def set(self, mode: Mode, *, latency: float = 0.0, cut_after: int = 0) -> None:
        self.mode, self.latency, self.cut_after = mode, latency, cut_after
        if mode in (Mode.REFUSE, Mode.RESET):
            self._loop.call_soon_threadsafe(lambda: [writer.transport.abort() for writer in self._open])

    def close(self) -> None:
        self.set(Mode.RESET)
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def _end(self) -> None:
        self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(5)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.mode in (Mode.REFUSE, Mode.RESET):
            writer.transport.abort()
            return
        try:
            back, forth = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        self._open |= {writer, forth}
        await asyncio.gather(self._pump(reader, forth, 0), self._pump(back, writer, self.cut_after))
        self._open -= {writer, forth}

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, cut_after: int) -> None:
        passed = 0
        with suppress(OSError):
            while chunk := await reader.read(65_536):
                if self.latency:
                    await asyncio.sleep(self.latency)
                while self.mode is Mode.BLACK_HOLE:
                    await asyncio.sleep(0.05)
                passed += len(chunk)
                if cut_after and passed > cut_after:
                    break
                writer.write(chunk)
                await writer.drain()
        writer.transport.abort()
