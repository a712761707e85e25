"""R8: Redis is stopped, silent, emptied or closed by another password, and nobody outside notices."""

import secrets
import time
from collections.abc import Callable

import redis

from portal.embedded.valkey import Instance
from tests.trust.browser import Browser
from tests.trust.installation import Installation
from tests.trust.oracle import settle, verify
from tests.trust.proxy import Mode
from tests.trust.result import Result
from tests.trust.shops import load, open_shops, write
from tests.trust.visits import Visits

CLEARED_WITHIN = 120
SLOWEST_DOOR = 2.0
WRONG_GUESSES = 12
PASSWORD = "tent-pole-4711-candle"


def run(*, seed: int, full: bool, site: Installation) -> Result:
    """Ten minutes under load with --full: most of them without any Redis."""
    seconds = (480.0, 40.0, 40.0, 40.0) if full else (1.0, 0.7, 0.5, 0.8)
    rate = 15.0 if full else 60.0
    result = Result("R8", seed, full)
    shops = open_shops(site, seed=seed)
    told, deliveries = write(shops, seed=seed, events=round(sum(seconds) * rate / 1.2))
    names = [f"{name}{secrets.token_hex(4)}@trust.example" for name in ("lena", "otto")]
    for email in names:
        site.actor.ask("open_desk", email=email, password=PASSWORD)
    running = load(site, shops, deliveries, rate=rate)
    visits = Visits(site.url).start()
    started = time.monotonic()
    for phase, lasting in zip(PHASES, seconds, strict=True):
        until = time.monotonic() + lasting
        phase(site)
        if phase is stopped:
            result.problems += _people(site, names)
        while time.monotonic() < until and not running.over:
            time.sleep(0.05)
    _back(site)
    away = time.monotonic() - started
    running.finish()
    visits.stop()
    cleared = settle(site, within=CLEARED_WITHIN)
    if cleared is None:
        result.problems.append(f"work is left {CLEARED_WITHIN} s after Redis came back")
    result.problems += [f"the door answered {status}" for _, status in running.failures]
    result.problems += [f"{path} answered {status}" for _, path, status in visits.failures]
    if running.slowest > SLOWEST_DOOR:
        result.problems.append(f"a delivery took {running.slowest:.1f} s")
    result.problems += verify(site, shops, told, running)
    result.n = len(told.letters)
    result.facts = {
        "pages": visits.count,
        "away": round(away, 1),
        "cleared": cleared and round(cleared, 1),
        "slowest_delivery": round(running.slowest, 2),
    }
    return result


def stopped(site: Installation) -> None:
    site.kill("valkey")


def silent(site: Installation) -> None:
    """It takes connections and never answers."""
    site.start("valkey")
    site.redis.set(Mode.BLACK_HOLE)


def emptied(site: Installation) -> None:
    """All that was queued is gone."""
    site.redis.set(Mode.PASS)
    _wait_for_valkey(site.valkey)
    with redis.Redis.from_url(site.valkey.url) as client:
        client.flushall()


def closed(site: Installation) -> None:
    """It comes back with a password that we do not know."""
    right = site.valkey
    site.kill("valkey")
    site.valkey = Instance(port=right.port, password="another")
    site.start("valkey")
    site.valkey = right


def _back(site: Installation) -> None:
    site.kill("valkey")
    site.start("valkey")
    _wait_for_valkey(site.valkey)


PHASES: tuple[Callable[[Installation], None], ...] = (stopped, silent, emptied, closed)


def _wait_for_valkey(instance: Instance) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            with redis.Redis.from_url(instance.url) as client:
                client.ping()
            return
        except redis.ConnectionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _people(site: Installation, names: list[str]) -> list[str]:
    """Sign-in works and its limits hold: a person comes in, a guesser is shut out even with the right password."""
    problems = []
    person = Browser(site.url)
    person.post("/accounts/login/", login=names[0], password=PASSWORD)
    if not person.path.startswith("/accounts/2fa/"):
        problems.append(f"the right password leads to {person.path} ({person.status})")
    person.post(person.path, code=site.actor.ask("code_of", email=names[0]))
    if person.status != 200 or person.path.startswith("/accounts/"):
        problems.append(f"the right code leads to {person.path} ({person.status})")
    guesser = Browser(site.url)
    for _ in range(WRONG_GUESSES):
        guesser.post("/accounts/login/", login=names[1], password="not-the-password-1")
        if guesser.path.startswith("/accounts/2fa/") or guesser.status >= 500:
            problems.append(f"a wrong password leads to {guesser.path} ({guesser.status})")
    guesser.post("/accounts/login/", login=names[1], password=PASSWORD)
    if guesser.path.startswith("/accounts/2fa/"):
        problems.append(f"{WRONG_GUESSES} wrong passwords shut nobody out")
    return problems
