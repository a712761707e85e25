"""The processor's side of the webhook door: signs, delivers, tries again, and remembers what was acknowledged."""

import asyncio
import hashlib
import hmac
import json
import random
import threading
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.trust.stories import Letter

_PATIENCE = 20.0
_AGAIN_AFTER = 0.1


@dataclass(frozen=True)
class Shop:
    """A merchant's connection. `zone` is the merchant's."""

    merchant_id: int
    account_id: str
    public_id: str
    secret: str
    zone: str
    livemode: bool

    @property
    def path(self) -> str:
        return f"/webhooks/stripe/{self.public_id}/"


def sign(secret: str, body: bytes, at: int) -> str:
    """A Stripe-Signature header."""
    return f"t={at},v1={hmac.new(secret.encode(), f'{at}.'.encode() + body, hashlib.sha256).hexdigest()}"


def with_duplicates(letters: Sequence[Letter], *, share: float, seed: int) -> list[Letter]:
    """All letters and a share of them twice, in random order."""
    chance = random.Random(seed)
    deliveries = [*letters, *chance.sample(letters, round(len(letters) * share))]
    chance.shuffle(deliveries)
    return deliveries


@dataclass
class Load:
    """Deliveries in a background thread, each repeated until the door says 2xx.

    `acknowledged` counts 2xx by (shop, event id). `refused` are answers 4xx, which nobody repeats; `failures` holds
    (time, status) of every 5xx, with 0 for connections that broke.
    """

    port: int
    shops: Sequence[Shop]
    deliveries: Sequence[Letter]
    rate: float = 0.0
    lanes: int = 12
    acknowledged: Counter[tuple[int, str]] = field(default_factory=Counter)
    refused: list[tuple[int, str]] = field(default_factory=list)
    failures: list[tuple[float, int]] = field(default_factory=list)
    done: int = 0
    # Seconds of every answer 2xx.
    seconds: list[float] = field(default_factory=list)

    def start(self) -> "Load":
        self._waiting = deque(self.deliveries)
        self._stopping = False
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True, name="load")
        self._thread.start()
        return self

    @property
    def over(self) -> bool:
        return not self._thread.is_alive()

    @property
    def slowest(self) -> float:
        """Seconds of the slowest answer 2xx."""
        return max(self.seconds, default=0.0)

    def wait_for(self, count: int, *, within: float = 120) -> None:
        """Returns when so many deliveries were acknowledged."""
        deadline = time.monotonic() + within
        while self.done < count and not self.over:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.done} of {count} deliveries after {within:.0f} s; {self.failures[-3:]}")
            time.sleep(0.005)

    def finish(self, *, within: float = 120) -> "Load":
        self._thread.join(within)
        if not self.over:
            self.stop()
            raise TimeoutError(f"{self.done} of {len(self.deliveries)} deliveries; {self.failures[-3:]}")
        return self

    def stop(self) -> None:
        """Ends the load; what was not acknowledged yet is left out."""
        self._stopping = True
        self._thread.join(_PATIENCE)

    async def _run(self) -> None:
        self._began = time.monotonic()
        self._taken = 0
        async with asyncio.TaskGroup() as group:
            for _ in range(self.lanes):
                group.create_task(self._lane())

    async def _lane(self) -> None:
        line = _Line(self.port)
        while self._waiting and not self._stopping:
            letter = self._waiting.popleft()
            await self._pace()
            while not self._stopping and not await self._deliver(line, letter):
                await asyncio.sleep(_AGAIN_AFTER)
        line.close()

    async def _pace(self) -> None:
        self._taken += 1
        if self.rate:
            early = self._began + self._taken / self.rate - time.monotonic()
            await asyncio.sleep(max(early, 0))

    async def _deliver(self, line: "_Line", letter: Letter) -> bool:
        """Whether this letter needs no further try."""
        shop = self.shops[letter.shop]
        body = json.dumps(letter.payload, separators=(",", ":")).encode()
        started = time.monotonic()
        try:
            async with asyncio.timeout(_PATIENCE):
                status = await line.post(shop.path, body, sign(shop.secret, body, int(time.time())))
        except (OSError, asyncio.IncompleteReadError, TimeoutError, ValueError):
            line.close()
            status = 0
        if 200 <= status < 300:
            self.acknowledged[letter.shop, letter.id] += 1
            self.done += 1
            self.seconds.append(time.monotonic() - started)
            return True
        if 400 <= status < 500:
            self.refused.append((status, letter.id))
            return True
        self.failures.append((time.time(), status))
        return False


class _Line:
    """One connection to the site, opened when needed."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._writer: asyncio.StreamWriter | None = None

    async def post(self, path: str, body: bytes, signature: str) -> int:
        if self._writer is None:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self.port)
        head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\nStripe-Signature: {signature}\r\n\r\n"
        )
        self._writer.write(head.encode() + body)
        answer = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        length = answer.partition(b"content-length:")[2].partition(b"\r\n")[0]
        await self._reader.readexactly(int(length))
        if b"connection: close" in answer:
            self.close()
        return int(answer.split(b" ", 2)[1])

    def close(self) -> None:
        if self._writer is not None:
            self._writer.transport.abort()
            self._writer = None
