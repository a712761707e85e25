"""Sends events to webhook endpoints: signed, retried by the virtual clock, broken where a switch says so."""

import asyncio
import json
import time
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from simulator.events import queue, secrets
from simulator.events.post import Message, Outcome, Poster
from simulator.events.queue import Delivery

if TYPE_CHECKING:
    from simulator.engine import Engine
    from simulator.faults import Fault, Faults

AT_ONCE = 16
IDLE = 0.25
# So many idle rounds, and what waits for company goes alone.
PATIENCE = 8


class Send(Protocol):
    def __call__(self, message: Message, /) -> Outcome: ...


@dataclass(slots=True)
class Settings:
    """``schedule`` names one of queue.SCHEDULES; ``virtual`` signs with the virtual clock: the receiver shares it."""

    schedule: str = "live"
    virtual: bool = False
    paused: bool = False


@dataclass(slots=True)
class Batch:
    """Deliveries that wait for each other: sent all at once, or one by one, the last one first."""

    size: int
    backwards: bool
    members: list[Delivery]


class Deliverer:
    """Works off the queue. ``run`` does so for ever; ``settle`` until nothing is due."""

    def __init__(self, engine: "Engine", faults: "Faults", send: Send | None = None) -> None:
        self.engine = engine
        self.faults = faults
        self.settings = Settings()
        self._poster = Poster()
        self._send = send or self._poster
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="deliver")
        self._going: dict[int, asyncio.Task[None]] = {}
        # What came of deliveries, written together.
        self._outcomes: list[tuple[Delivery, Outcome]] = []
        self._writing: asyncio.Task[None] | None = None
        self._batch: Batch | None = None
        # A fault meets a delivery once, not again at each of its attempts.
        self._met: set[int] = set()
        self._wake = asyncio.Event()

    def wake(self) -> None:
        self._wake.set()

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._poster.close()

    async def run(self) -> None:
        """Deliver what comes; look at the clock now and then, for what time alone makes due."""
        idle = 0
        while True:
            self.engine.catch_up()
            if self._start():
                idle = 0
                continue
            try:
                await asyncio.wait_for(self._wake.wait(), IDLE)
            except TimeoutError:
                idle += 1
            self._wake.clear()
            if idle > PATIENCE:
                self._release()

    async def settle(self) -> None:
        """Deliver until nothing is due at the present virtual time and nothing is on its way."""
        while True:
            started = self._start()
            if self._going:
                await asyncio.wait(self._going.values(), return_when=asyncio.FIRST_COMPLETED)
            elif self._batch:
                self._release()
            elif not started:
                return

    def _start(self) -> int:
        """Send what is due; how many deliveries that took."""
        free = AT_ONCE - len(self._going)
        if self.settings.paused or free <= 0:
            return 0
        waiting = {delivery.seq for delivery in self._batch.members} if self._batch else set()
        found = queue.due(self.engine.store, self.engine.clock.now(), free, self._going.keys() | waiting)
        for delivery in found:
            self._meet(delivery)
        return len(found)

    def _meet(self, delivery: Delivery) -> None:
        """Send a delivery, or do to it what a switch says."""
        fault = self._fault(delivery)
        kind = fault.kind if fault else ""
        if self._batch or (fault and kind in ("reorder", "burst")):
            self._join(delivery, fault)
        elif kind == "lose":
            with self.engine.transaction():
                queue.lose(self.engine.store, delivery)
        elif fault and kind == "delay":
            with self.engine.transaction():
                queue.postpone(self.engine.store, delivery, self.engine.clock.now() + int(fault.seconds))
        else:
            self._go(delivery, self._deliver(delivery, copies=1 + (kind == "double"), corrupt=kind == "corrupt"))

    def _fault(self, delivery: Delivery) -> "Fault | None":
        if delivery.seq in self._met or not self.faults.switches:
            return None
        self._met.add(delivery.seq)
        found = self.engine.store.find(delivery.account, delivery.event)
        return self.faults.for_delivery(found[1]["type"]) if found else None

    def _join(self, delivery: Delivery, fault: "Fault | None") -> None:
        if self._batch is None:
            backwards = fault is not None and fault.kind == "reorder"
            self._batch = Batch(2 if backwards or fault is None else fault.count, backwards, [])
        self._batch.members.append(delivery)
        if len(self._batch.members) >= self._batch.size:
            self._release()

    def _release(self) -> None:
        batch, self._batch = self._batch, None
        if batch and batch.backwards:
            previous: asyncio.Task[None] | None = None
            for delivery in reversed(batch.members):
                previous = self._go(delivery, self._deliver(delivery, after=previous))
        elif batch:
            for delivery in batch.members:
                self._go(delivery, self._deliver(delivery))

    def _go(self, delivery: Delivery, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._going[delivery.seq] = task
        task.add_done_callback(lambda _: self._gone(delivery.seq))
        return task

    def _gone(self, seq: int) -> None:
        del self._going[seq]
        self._wake.set()

    async def _deliver(
        self, delivery: Delivery, *, copies: int = 1, corrupt: bool = False, after: asyncio.Task[None] | None = None
    ) -> None:
        if after is not None:
            await asyncio.wait([after])
        message = self._message(delivery)
        if corrupt:
            message = message._replace(body=message.body.replace(b"evt_", b"evt-", 1))
        outcome = Outcome(None, "")
        for _ in range(copies):
            outcome = await asyncio.get_running_loop().run_in_executor(self._threads, self._send, message)
        self._outcomes.append((delivery, outcome))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())
        await asyncio.shield(self._writing)

    async def _write(self) -> None:
        """Note everything that came in meanwhile, in one transaction."""
        await asyncio.sleep(0)
        outcomes, self._outcomes, self._writing = self._outcomes, [], None
        store, now = self.engine.store, self.engine.clock.now()
        with self.engine.transaction():
            for delivery, outcome in outcomes:
                if outcome.status is not None and not outcome.error:
                    queue.delivered(store, delivery, outcome.status)
                else:
                    schedule = self.settings.schedule
                    queue.failed(store, delivery, outcome.status, outcome.error, now=now, schedule=schedule)

    def _message(self, delivery: Delivery) -> Message:
        store = self.engine.store
        event, endpoint = store.find(delivery.account, delivery.event), store.find(delivery.platform, delivery.endpoint)
        if event is None or endpoint is None:
            raise LookupError(f"Delivery {delivery.seq} has lost its event or its endpoint")
        body = event[1] | {"pending_webhooks": queue.pending(store, delivery.account, delivery.event)}
        if delivery.platform != delivery.account:
            body["account"] = delivery.account
        now = self.engine.clock.now()
        # The receiver checks the signature's age by its own clock.
        at = now if self.settings.virtual else int(time.time())
        text = json.dumps(body, separators=(",", ":")).encode()
        return Message(
            endpoint[1]["url"], text, secrets.signature(text, secrets.active(store, delivery.endpoint, now), at)
        )
