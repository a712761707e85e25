"""Requests that nobody's browser sends: what stands where, seeded."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, quote_from_bytes

from tests.trust.cells import ANONYMOUS, Address, Cast, Person, cases
from tests.trust.visitor import TOKEN, form_headers

_CARD = "4242424242424242"
WORDS = (
    *("", "0", "-1", "1", "²", "٣", "0x1F", "1e309", "-1e309", "NaN", "Infinity", "9" * 400, "1" * 19, "0.1", "1,5"),
    *("2147483648", "9223372036854775808", "99999999999999999999", "true", "null", "undefined", "None", "[]", "{}"),
    *(
        "0000-00-00",
        "2026-02-30",
        "10000-01-01",
        "9999-12-31",
        "0001-01-01",
        "2026-11-20T25:61",
        "-0001-01-01",
        "today",
    ),
    *(
        "\x00",
        "a\x00b",
        "\r\nSet-Cookie: evil=1",
        "a\nb",
        "\ufeff",
        "\u202e",
        "\ud7ff",
        "🦀" * 50,
        "ﷺ",
        "%",
        "%s%n",
        "%00",
    ),
    *(
        "' OR 1=1 --",
        '"',
        "\\",
        "`",
        "$(id)",
        "{{7*7}}",
        "{x.__class__}",
        "<script>alert(1)</script>",
        "javascript:alert(1)",
    ),
    *(
        "../../etc/passwd",
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "https:evil.example",
        "\t//evil.example",
    ),
    *("A" * 5_000, "a" * 255, "pay_" + "x" * 300, "live", "test", "owner", "desc", "created", "-created", "results"),
    *(
        "order_id:",
        ":",
        "x:" * 300,
        "EUR",
        "XXX",
        "ＥＵＲ",
        "succeeded",
        "all",
        "*",
        "%25",
        "user@",
        "@",
        "a@b.example",
        _CARD,
    ),
)
RAW = (
    "%",
    "%zz",
    "%u0041",
    "%ff%fe",
    "%c3%28",
    "%ed%a0%80",
    "%f5%80%80%80",
    "%c0%af",
    "%00",
    "%0d%0aX:%20y",
    "+",
    "%2e%2e%2f",
)
NAMES = (
    *(
        "q",
        "page",
        "cursor",
        "after",
        "before",
        "size",
        "per_page",
        "sort",
        "order",
        "status",
        "method",
        "currency",
        "next",
    ),
    *(
        "amount",
        "amount_op",
        "amount_to",
        "from",
        "to",
        "since",
        "until",
        "period",
        "last4",
        "email",
        "country",
        "risk",
    ),
    *(
        "connection",
        "metadata",
        "refunded",
        "type",
        "outcome",
        "merchant",
        "mode",
        "draft",
        "way",
        "columns",
        "tab",
        "id",
    ),
)
# Of cursors: moments, numbers and sealed words, right and wrong.
PARTS = (
    *("1795000000000000", "1", "2000", "RVVS", "eA", "0", "-1", "9" * 18, "9" * 25, "1e9", "NaN", "٣", "²", "x", ""),
    *("____", "AAAA=", "\x00", "🦀", "-9223372036854775808", "9223372036854775807", "253402300800000000", " 1", "0x1"),
)
HTMX = ("HX-Request", "HX-Target", "HX-Trigger", "HX-Trigger-Name", "HX-Current-URL", "HX-Prompt", "HX-Boosted")
OTHERS = (
    *("Accept", "Accept-Language", "User-Agent", "Referer", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"),
    *("Forwarded", "X-Request-ID", "Range", "If-Modified-Since", "If-None-Match", "Authorization", "X-Original-URL"),
    *("HX-History-Restore-Request", "Accept-Encoding", "Origin", "Content-Encoding", "Expect-CT", "Cookie2", "Via"),
)
TYPES = (
    *("application/x-www-form-urlencoded", "application/json", "text/plain", "text/xml", "multipart/form-data"),
    *(
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded; charset=utf-7",
        "",
        "a/b; charset=klingon",
    ),
)
# Of a list's addresses this part is the most fragile.
CURSORS = 6
METHODS = ("GET",) * 12 + ("POST",) * 6 + ("HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND")


@dataclass(frozen=True)
class Misfit:
    method: str
    path: str
    headers: dict[str, str]
    cookies: dict[str, str]
    body: bytes | None
    person: Person

    def __str__(self) -> str:
        shown = {name: value[:60] for name, value in self.headers.items() if name != "X-CSRFToken"}
        return f"{self.method} {self.path[:200]!r} as {self.person.name} with {shown} and {(self.body or b'')[:200]!r}"


class Inventor:
    """Makes misfits for these people. `learn` takes the names of fields that a page shows."""

    def __init__(self, cast: Cast, *, seed: int) -> None:
        self.cast = cast
        self.chance = random.Random(f"junk {seed}")
        # What pages themselves ask for, by address.
        self.fields: dict[str, list[str]] = {}

    def learn(self, address: Address, fields: list[str]) -> None:
        if fields:
            self.fields[address.name] = sorted({*self.fields.get(address.name, []), *fields})

    def invent(self, url: str, sessions: dict[str, str]) -> Misfit:
        chance = self.chance
        asking = [address for address in self.cast.addresses if address.name in self.fields]
        address = chance.choice(asking if asking and chance.random() < 0.5 else self.cast.addresses)
        person = chance.choice(self._fitting(address) if chance.random() < 0.6 else self.cast.people)
        names = [*self.fields.get(address.name, []), "cursor"] if chance.random() < 0.7 else list(NAMES)
        method = chance.choice(METHODS)
        sends = method not in {"GET", "HEAD", "OPTIONS"}
        headers = form_headers(url) if sends and chance.random() < 0.8 else {}
        if sends and chance.random() < 0.3:
            headers["Content-Type"] = chance.choice(TYPES)
        headers |= self._headers(HTMX, 0.3) | self._headers(OTHERS, 0.2)
        cookies = {"csrf": TOKEN, "session": sessions.get(person.email or person.name, "")}
        if person.name == ANONYMOUS:
            del cookies["session"]
        for name in ("session", "csrf", "device", "messages", "sessionid", "x"):
            if chance.random() < 0.03:
                cookies[name] = _printable(self._word())
        path = self._path(address, person) + self._query(names)
        return Misfit(method, path, headers, cookies, self._body(names) if sends else None, person)

    def sweep(self, sessions: dict[str, str], *, each: int) -> Iterator[Misfit]:
        """Every field of every page and every list's cursor, so often, alone and from somebody who may ask."""
        for address in self.cast.addresses:
            if address.name not in self.fields or "GET" not in address.methods:
                continue
            person = self._fitting(address)[0]
            path = next(case.path for case in cases(self.cast, address, person) if case.name == "own")
            cookies = {"csrf": TOKEN, "session": sessions[person.email]}
            for name in [*self.fields[address.name], *["cursor"] * CURSORS]:
                for _ in range(each):
                    value = quote(self._cursor(), safe="") if name == "cursor" else self._encoded()
                    yield Misfit("GET", f"{path}?{quote(name)}={value}", {}, cookies, None, person)

    def _path(self, address: Address, person: Person) -> str:
        found = cases(self.cast, address, person)
        path = self.chance.choice(found).path
        if self.chance.random() < 0.3:
            # A word instead of one part of the path, or behind it.
            parts = path.split("/")
            parts[self.chance.randrange(1, len(parts))] = self._encoded()[:300]
            path = "/".join(parts)
        return path.replace("//", "/") if self.chance.random() < 0.9 else "/" + path

    def _fitting(self, address: Address) -> list[Person]:
        if address.kind == "staff":
            return [self.cast.person("staff admin")]
        return [person for person in self.cast.people if person.name.endswith((" owner", " developer"))]

    def _query(self, names: list[str]) -> str:
        count = self.chance.choice((0, 0, 1, 1, 2, 3, 8))
        pairs = [self._pair(names) for _ in range(count)]
        return "?" + self.chance.choice("&&;").join(pairs) if pairs else ""

    def _pair(self, names: list[str]) -> str:
        name = self.chance.choice(names)
        if self.chance.random() < 0.05:
            return f"{self._encoded()[:100]}={self._encoded()}"
        value = quote(self._cursor(), safe="") if name == "cursor" and self.chance.random() < 0.8 else self._encoded()
        return f"{quote(name)}={value}"

    def _encoded(self) -> str:
        if self.chance.random() < 0.15:
            return self.chance.choice(RAW)
        if self.chance.random() < 0.1:
            return quote_from_bytes(self.chance.randbytes(self.chance.randrange(1, 40)))
        return quote(self._word(), safe="", errors="replace")

    def _word(self) -> str:
        return self._cursor() if self.chance.random() < 0.1 else self.chance.choice(WORDS)

    def _cursor(self) -> str:
        """Built as the site builds them, of parts that fit and parts that do not."""
        parts = self.chance.choices(PARTS, k=self.chance.choice((2, 2, 3, 3, 0, 1, 7)))
        return ".".join([self.chance.choice("nnnpx"), self.chance.choice(("2", "2", "0", "-1", "x")), *parts])

    def _headers(self, names: tuple[str, ...], share: float) -> dict[str, str]:
        if self.chance.random() > share:
            return {}
        chosen = self.chance.sample(names, self.chance.randrange(1, 4))
        return {name: _printable(self._word() if self.chance.random() < 0.7 else "true") for name in chosen}

    def _body(self, names: list[str]) -> bytes:
        kind = self.chance.randrange(6)
        if kind == 0:
            return self.chance.randbytes(self.chance.randrange(200))
        if kind == 1:
            return b"{" * 3_000
        if kind == 2:
            name = self.chance.choice(names)
            part = f'--x\r\nContent-Disposition: form-data; name="{name}"; filename="a.pdf"\r\n\r\n'
            return part.encode() + self.chance.randbytes(50) + (b"\r\n--x--\r\n" if self.chance.random() < 0.5 else b"")
        return "&".join(self._pair(names) for _ in range(self.chance.randrange(12))).encode()


def _printable(text: str) -> str:
    """As much of it as can stand in a header's line: everything else ends at the server's parser."""
    return "".join(char for char in text if char >= " " and ord(char) < 256 and char != "\x7f")[:4_000]
