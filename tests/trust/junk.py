"""S16: whatever is sent, nothing breaks, nothing of the inside is shown, nobody is led away, nobody asks too much."""

import statistics
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPException

from tests.trust.cells import cells, open_cast
from tests.trust.dress import flaws
from tests.trust.fields import names_of
from tests.trust.installation import Installation
from tests.trust.misfits import Inventor, Misfit
from tests.trust.result import Result
from tests.trust.visitor import Answer, Visitor, fresh_source, parse, raw
from tests.trust.walker import Walker

LANES = 4
ROUND = 600
FUZZED = 20_000
PER_SECOND = 50
BURST = 300
# What the server says by itself of bytes that are no request.
_NO_REQUEST = b"Invalid HTTP request received."


def run(*, seed: int, full: bool, site: Installation) -> Result:
    result = Result("S16", seed, full)
    cast = open_cast(site, seed=seed)
    inventor = Inventor(cast, seed=seed)
    with Walker(cast, site.url) as walker:
        sender = Sender(walker)
        walker.renew()
        _learn(walker, inventor)
        wanted = FUZZED if full else FUZZED // 50
        misfits = list(inventor.sweep(walker.sessions, each=8 if full else 1))
        while misfits:
            with ThreadPoolExecutor(LANES, thread_name_prefix="junk") as pool:
                list(pool.map(sender.send, misfits))
            walker.renew()
            left = max(wanted - len(sender.seconds), 0)
            misfits = [inventor.invent(site.url, walker.sessions) for _ in range(min(ROUND, left))]
        result.problems += [*sender.problems, *_malformed(site)]
        statuses, problems = _too_fast(walker, full=full)
        result.problems += problems
    result.n = len(sender.seconds)
    parts = len(sender.seconds) // 4
    result.facts = {
        "answers": dict(sorted(sender.statuses.items())),
        "fields": len({name for names in inventor.fields.values() for name in names}),
        "p99_ms": [_p99(sender.seconds[:parts]), _p99(sender.seconds[-parts:])],
        "burst": statuses,
    }
    if not site.answers("/healthz"):
        result.problems.append("the site does not answer any more")
    return result


@dataclass
class Sender:
    walker: Walker
    problems: list[str] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)

    def send(self, misfit: Misfit) -> None:
        # The sign-in pages count by address; here they are to work, not to refuse.
        pages = misfit.path.startswith("/accounts/")
        visitor = Visitor(self.walker.url, source=fresh_source()) if pages else self.walker.visitor
        try:
            answer = visitor.ask(
                misfit.method, misfit.path, cookies=misfit.cookies, headers=misfit.headers, body=misfit.body
            )
        except (OSError, HTTPException) as error:
            self.problems.append(f"{misfit}: no answer, {error!r}")
            return
        finally:
            if pages:
                visitor.close()
        self.statuses[answer.status] += 1
        self.seconds.append(answer.seconds)
        self.problems += [f"{misfit}: {text}" for text in _flaws(answer, self.walker.url)]


def _flaws(answer: Answer, url: str) -> list[str]:
    if answer.status == 400 and answer.body == _NO_REQUEST:
        return []
    found = flaws(answer, url=url, signed_in=False)
    if "evil" in answer.get("set-cookie"):
        found.append("it sets a cookie of the sender's")
    return found


def _learn(walker: Walker, inventor: Inventor) -> None:
    """Names of fields, from the pages of those who see most."""
    cast = walker.cast
    for person in (cast.people[0], cast.person("staff admin")):
        for address in cast.addresses:
            for cell in cells(cast, address, person):
                if (cell.method, cell.case.name, cell.fragment) == ("GET", "own", False) and not address.streams:
                    inventor.learn(address, names_of(walker.ask(cell).text))


def _malformed(site: Installation) -> Iterator[str]:
    """Bytes that are hardly a request; whoever answers, it is no error of ours."""
    host = f"Host: 127.0.0.1:{site.port}\r\n"
    end = "Connection: close\r\n\r\n"
    long = "A" * 60_000
    for text in (
        f"GET /\x00 HTTP/1.1\r\n{host}{end}",
        f"GET /\xff\xfe HTTP/1.1\r\n{host}{end}",
        f"GET  / HTTP/1.1\r\n{host}{end}",
        f"GET /accounts/login/ HTTP/9.9\r\n{host}{end}",
        f"GET http://evil.example/ HTTP/1.1\r\n{host}{end}",
        f"GET //evil.example/%2f.. HTTP/1.1\r\n{host}{end}",
        f"GET /accounts/login/ HTTP/1.1\r\nHost: evil.example\r\n{end}",
        f"GET /m/ HTTP/1.1\r\nHost: evil.example\r\n{end}",
        f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\nHost: evil.example\r\n{end}",
        f"GET / HTTP/1.1\r\n{end}",
        f"GET /accounts/login/?{long} HTTP/1.1\r\n{host}{end}",
        f"GET /{long} HTTP/1.1\r\n{host}{end}",
        f"GET / HTTP/1.1\r\n{host}X-Long: {long}\r\n{end}",
        f"GET / HTTP/1.1\r\n{host}Cookie: session={long}\r\n{end}",
        f"GET / HTTP/1.1\r\n{host}Cookie: \xff\x01=;;;=\r\n{end}",
        f"GET / HTTP/1.1\r\n{host}" + "X-A: b\r\n" * 3_000 + end,
        f"GET / HTTP/1.1\r\n{host}X-Bad: a\x00b\r\n{end}",
        f"GET / HTTP/1.1\r\n{host}X-Forwarded-For: \xe9, ::::, 999.1.1.1\r\n{end}",
        f"POST /accounts/login/ HTTP/1.1\r\n{host}Content-Length: -1\r\n{end}",
        f"POST /accounts/login/ HTTP/1.1\r\n{host}Content-Length: 9999999999999\r\n{end}",
        f"POST /accounts/login/ HTTP/1.1\r\n{host}Transfer-Encoding: chunked\r\n{end}zz\r\n",
        f"POST /accounts/login/ HTTP/1.1\r\n{host}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n{end}0\r\n\r\n",
        f"BREW /accounts/login/ HTTP/1.1\r\n{host}{end}",
        f"CONNECT evil.example:443 HTTP/1.1\r\n{host}{end}",
        f"TRACE / HTTP/1.1\r\n{host}Cookie: session=secret\r\n{end}",
    ):
        answer = parse(raw(site.port, text.encode("latin-1"), within=1.5))
        if answer is not None:
            yield from (f"{text[:60]!r}: {wrong}" for wrong in _flaws(answer, site.url))


def _too_fast(walker: Walker, *, full: bool) -> tuple[dict[int, int], list[str]]:
    """One person asks as fast as it goes, over many connections."""
    auditor = walker.cast.person("staff auditor")
    cookies = {"session": walker.cast.ask("sessions", emails=[auditor.spare])[auditor.spare]}

    def ask(_: int) -> int:
        return walker.visitor.ask("GET", "/me/shortcuts/", cookies=cookies).status

    count = BURST if full else BURST // 2
    started = time.monotonic()
    with ThreadPoolExecutor(8, thread_name_prefix="burst") as pool:
        statuses = Counter(pool.map(ask, range(count)))
    most = PER_SECOND * (time.monotonic() - started + 1) + 1
    problems = []
    if statuses[200] > most:
        problems.append(f"{statuses[200]} requests of one person were answered, at most {most:.0f} may be")
    if set(statuses) - {200, 429}:
        problems.append(f"a burst is answered {dict(statuses)}")
    # A machine that is busy elsewhere may be too slow to reach the limit; the whole run must.
    if full and not statuses[429]:
        problems.append(f"{count} requests at once never met the limit")
    return dict(statuses), problems


def _p99(seconds: list[float]) -> float:
    return round(statistics.quantiles(seconds, n=100)[98] * 1000, 1) if len(seconds) > 1 else 0.0
