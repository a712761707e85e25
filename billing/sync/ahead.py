"""Pages of a list, read in a thread while what came before is worked on."""

import queue
import threading
import time
from collections.abc import Callable, Iterator

from billing.queue.interrupted import Interrupted
from billing.sync.peer import Leaf, Spot

# Pages that may wait, for how many seconds, and seconds between two looks whether anybody still wants them.
_DEPTH = 4
_KEPT_FOR = 60.0
_PULSE = 0.5

Read = Callable[[Spot], Leaf]


class Ahead:
    """``pages`` gives leaf after leaf; a failure of the thread is raised there. Works without a database: the thread
    must not open a connection."""

    def __init__(self, read: Read, spot: Spot) -> None:
        self._read = read
        self._pages: queue.Queue[Leaf | BaseException] = queue.Queue(_DEPTH)
        self._unwanted = threading.Event()
        # Where the next page that somebody takes begins.
        self.spot: Spot | None = spot
        threading.Thread(target=self._run, args=[spot], daemon=True, name="pages ahead").start()

    def pages(self) -> Iterator[Leaf]:
        while self.spot is not None:
            page = self._next()
            if isinstance(page, BaseException):
                raise page
            self.spot = page.following
            yield page

    @property
    def is_open(self) -> bool:
        return not self._unwanted.is_set()

    def close(self) -> None:
        self._unwanted.set()

    def _next(self) -> Leaf | BaseException:
        while True:
            try:
                return self._pages.get(timeout=_PULSE)
            except queue.Empty:
                if not self.is_open:
                    raise Interrupted("what was read ahead waited too long") from None

    def _run(self, spot: Spot | None) -> None:
        while spot is not None and not self._unwanted.is_set():
            try:
                page: Leaf | BaseException = self._read(spot)
            except BaseException as failure:  # noqa: BLE001 - raised again where the page is taken
                page = failure
            spot = page.following if isinstance(page, Leaf) else None
            self._put(page)

    def _put(self, page: Leaf | BaseException) -> None:
        until = time.monotonic() + _KEPT_FOR
        while self.is_open and time.monotonic() < until:
            try:
                self._pages.put(page, timeout=_PULSE)
            except queue.Full:
                continue
            return
        # Another worker has the run.
        self.close()


class Shelf:
    """Keeps what the last step had read ahead for the next one, if that begins where it ended."""

    def __init__(self) -> None:
        self._kept: tuple[object, Ahead] | None = None
        self._lock = threading.Lock()

    def take(self, key: object, read: Read, spot: Spot) -> Ahead:
        with self._lock:
            kept, self._kept = self._kept, None
        if kept is not None:
            if kept[0] == key and kept[1].spot == spot and kept[1].is_open:
                return kept[1]
            kept[1].close()
        return Ahead(read, spot)

    def keep(self, key: object, ahead: Ahead) -> None:
        with self._lock:
            kept, self._kept = self._kept, (key, ahead)
        if kept is not None:
            kept[1].close()
