"""S4: no page of another site can send a form here, and looking at a page changes nothing."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from tests.trust.cells import ANONYMOUS, HALF, Address, Cast, Cell, Person, cells, open_cast
from tests.trust.dress import flaws
from tests.trust.fields import names_of
from tests.trust.installation import Installation
from tests.trust.result import Result
from tests.trust.visitor import TOKEN, form_headers
from tests.trust.walker import Walker
from tests.trust.writes import quiet, snapshot

FOREIGN = "f" * 32
# The doors for machines ask for signatures instead of tokens.
WITHOUT_TOKEN = {"inbound:stripe"}
# The key of a reset's link moves from the address, which browsers remember and send on, into the session.
KEEPS = {"account_reset_password_from_key": ("portal_session",)}


@dataclass(frozen=True)
class Forgery:
    """A form as another site's page could have it sent. `cookie` is the token that the browser holds."""

    name: str
    headers: dict[str, str]
    cookie: str = TOKEN
    body: bytes = b"sent=1"
    query: str = ""


def forgeries(url: str) -> list[Forgery]:
    good = form_headers(url)
    bare = {key: value for key, value in good.items() if key != "X-CSRFToken"}
    port = url.rpartition(":")[2]
    return [
        Forgery("no token", bare),
        Forgery("no cookie", good, cookie=""),
        Forgery("a token of somebody else", {**good, "X-CSRFToken": FOREIGN}),
        Forgery("somebody else's token in the form", bare, body=f"csrfmiddlewaretoken={FOREIGN}".encode()),
        Forgery("the token in the address", bare, query=f"?csrfmiddlewaretoken={TOKEN}"),
        Forgery("an empty token and cookie", {**good, "X-CSRFToken": ""}, cookie=""),
        Forgery("from another site", {**good, "Origin": "https://evil.example"}),
        Forgery("from nowhere", {**good, "Origin": "null"}),
        Forgery("from a host that begins like ours", {**good, "Origin": f"http://127.0.0.1.evil.example:{port}"}),
        Forgery("from another port", {**good, "Origin": "http://127.0.0.1:1"}),
        Forgery("as JSON", {**bare, "Content-Type": "application/json"}, body=b'{"sent": 1}'),
        Forgery("as plain text", {**bare, "Content-Type": "text/plain"}),
        Forgery("said to be a GET", {**bare, "X-HTTP-Method-Override": "GET"}),
        Forgery("said to be htmx", {**bare, "HX-Request": "true", "X-Requested-With": "XMLHttpRequest"}),
    ]


def run(*, seed: int, full: bool, site: Installation) -> Result:
    result = Result("S4", seed, full)
    cast = open_cast(site, seed=seed)
    exempt = {address.name for address in cast.addresses if address.exempt and "POST" in address.methods}
    if exempt != WITHOUT_TOKEN:
        result.problems.append(f"without a token: {sorted(exempt)}")
    with Walker(cast, site.url) as walker:
        walker.renew()
        tried = list(_forge(walker, result, chance=random.Random(f"forged {seed}"), full=full))
        looked = list(_look(walker, result, full=full))
        result.problems += walker.problems
    result.n = len(tried) + len(looked)
    result.facts = {"forged": len(tried), "forms": len(set(tried)), "looked": len(looked), "pages": len(set(looked))}
    return result


def _forge(walker: Walker, result: Result, *, chance: random.Random, full: bool) -> Iterator[str]:
    """Names of the addresses tried."""
    cast, site = walker.cast, walker.cast.site
    forms = [
        cell
        for address in cast.addresses
        if "POST" in address.methods and address.name not in WITHOUT_TOKEN
        for cell in _own(cast, address, "POST", full=full)
    ]
    for cell in forms:
        # The same form with the right token gets past this guard, else all that follows would prove nothing.
        if walker.ask(cell).status == 403:
            result.problems.append(f"{cell}: refused with the right token")
    walker.renew()
    before = quiet(site)
    known = forgeries(walker.url)
    for cell in forms:
        for forgery in known if full else [known[0], *chance.sample(known[1:], 3)]:
            yield cell.address.name
            answer = _send(walker, cell, forgery)
            if answer != 403:
                result.problems.append(f"{cell}, {forgery.name}: answered {answer}")
        after = snapshot(site)
        if before != after:
            result.problems.append(f"{cell}: a forged form changed {', '.join(before.changed(after))}")
        before = after


def _send(walker: Walker, cell: Cell, forgery: Forgery) -> int:
    cookies = {"session": walker.session_of(cell.person)} if cell.person.name != ANONYMOUS else {}
    if forgery.cookie:
        cookies["csrf"] = forgery.cookie
    path = cell.case.path + forgery.query
    with walker.visitor_for(cell) as visitor:
        answer = visitor.ask("POST", path, cookies=cookies, headers=forgery.headers, body=forgery.body)
    walker.problems += [f"{cell}: {text}" for text in flaws(answer, url=walker.url, signed_in=False)]
    return answer.status


def _look(walker: Walker, result: Result, *, full: bool) -> Iterator[str]:
    """Names of the addresses looked at."""
    cast, site = walker.cast, walker.cast.site
    before = quiet(site)
    for address in cast.addresses:
        if "GET" not in address.methods:
            continue
        asked = list(_gets(cast, address, full=full))
        fields: set[str] = set()
        for cell in asked:
            fields |= set(names_of(walker.ask(cell).text))
            yield address.name
        if fields and not address.streams:
            # Forms sent as addresses: what a link, a picture or a preview can make a browser do.
            query = urlencode(dict.fromkeys(sorted(fields), "1"))
            for cell in asked[: None if full else 2]:
                walker.ask(cell, query=f"?{query}")
                yield address.name
        after = snapshot(site)
        changed = [name for name in before.changed(after) if name not in KEEPS.get(address.name, ())]
        if changed:
            result.problems.append(f"GET {address.name} changed {', '.join(changed)}")
            after = quiet(site)
        before = after


def _gets(cast: Cast, address: Address, *, full: bool) -> Iterator[Cell]:
    people = cast.people if full else one_of_each(cast, address, full=full)
    for person in people:
        for cell in cells(cast, address, person):
            usual = cell.method == "GET" and cell.case.name == "own"
            if usual or (full and cell.method in {"GET", "HEAD"}):
                yield cell


def _own(cast: Cast, address: Address, method: str, *, full: bool) -> Iterator[Cell]:
    for person in one_of_each(cast, address, full=full):
        for cell in cells(cast, address, person):
            if (cell.method, cell.case.name, cell.fragment) == (method, "own", False):
                yield cell


def one_of_each(cast: Cast, address: Address, *, full: bool) -> list[Person]:
    """People that this address is for."""
    owner, admin = cast.people[0], cast.person("staff admin")
    if address.kind == "public":
        waiting = full or "2fa" in address.path
        return [cast.person(HALF if waiting else ANONYMOUS), *([cast.person(ANONYMOUS)] if full else [])]
    if address.kind != "staff":
        return [owner]
    staff = [admin, *(person for person in cast.people if person.staff and not person.visits)]
    return [next(person for person in staff if not address.verb or address.verb in person.verbs)]
