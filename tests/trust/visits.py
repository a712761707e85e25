"""Somebody who opens pages all the time."""

import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

PAGES = ("/accounts/login/", "/accounts/password/reset/", "/healthz", "/readyz")
# As many as the site has threads for pages: each of those holds a database connection of its own.
AT_ONCE = 8


@dataclass
class Visits:
    """`failures` holds (time, path, status) of every answer 5xx, with 0 for none; `seconds` how long each took."""

    url: str
    count: int = 0
    failures: list[tuple[float, str, int]] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def start(self) -> "Visits":
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="visits")
        self._thread.start()
        return self

    def stop(self) -> None:
        self._over.set()
        self._thread.join(30)

    def _run(self) -> None:
        with ThreadPoolExecutor(AT_ONCE) as people:
            while not self._over.wait(0.3):
                list(people.map(self._open, PAGES * (AT_ONCE // len(PAGES))))

    def _open(self, path: str) -> None:
        self.count += 1
        status, started = 0, time.monotonic()
        try:
            with urllib.request.urlopen(self.url + path, timeout=15) as answer:
                status = answer.status
        except urllib.error.HTTPError as refusal:
            status = refusal.code
            refusal.close()
        except OSError:
            status = 0
        self.seconds.append(time.monotonic() - started)
        if status == 0 or status >= 500:
            self.failures.append((time.time(), path, status))
