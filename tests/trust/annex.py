"""A second web process of an installation, with settings and a clock of its own."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from portal.embedded.ports import pick_port
from portal.embedded.programs import WEB, python
from portal.embedded.spawn import kill_group, spawn
from tests.trust.installation import Installation
from tests.trust.visitor import Visitor

_NAME = "annex"


@dataclass(frozen=True)
class Annex:
    site: Installation
    url: str

    def set_clock(self, seconds: float) -> None:
        """Puts the business clock of this process ahead by so much."""
        self.site.set_clock(seconds, _NAME)


@contextmanager
def annex(site: Installation, **settings: str) -> Iterator[Annex]:
    port = pick_port()
    url = f"http://127.0.0.1:{port}"
    places = {"COUNTERFOIL_PUBLIC_URL": url, "COUNTERFOIL_CLOCK_OFFSET_FILE": str(site.clock_of(_NAME))}
    arguments = (*WEB, "--host", "127.0.0.1", "--port", str(port))
    environment = {**site.environment, **places, **settings}
    process = spawn(python(_NAME, arguments, environment=environment, log=site.data / f"{_NAME}.log"))
    try:
        _wait(url)
        yield Annex(site, url)
    finally:
        kill_group(process)
        process.wait()
        site.clock_of(_NAME).unlink(missing_ok=True)


def _wait(url: str, within: float = 60) -> None:
    deadline = time.monotonic() + within
    while True:
        try:
            with Visitor(url) as visitor:
                if visitor.ask("GET", "/healthz").status == 200:
                    return
        except ConnectionError:
            if time.monotonic() > deadline:
                raise
        time.sleep(0.03)
