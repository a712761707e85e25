"""Names of somebody else's things, put into every field of one's own pages."""

import random
import time
from collections.abc import Iterator
from functools import partial
from urllib.parse import urlencode

from tests.trust.cells import Cast, cells
from tests.trust.fields import Form, forms_of, names_of
from tests.trust.installation import Installation
from tests.trust.visitor import TOKEN, form_headers
from tests.trust.walker import Walker

_OWNED = """
SELECT table_name FROM information_schema.columns
WHERE column_name = 'merchant_id' AND table_schema = 'public' ORDER BY table_name
"""
# Keeps what somebody typed and shows it to them again, on whichever page comes next.
REMEMBERS = "/search/recent/"
# Links of pages hold these without a field.
ALWAYS = ("q", "cursor", "connection", "merchant", "next")


def probe(walker: Walker, *, chance: random.Random, count: int) -> Iterator[str]:
    """As the owner of one merchant: a sentence for each trace of the other one, which must stay as it was."""
    cast = walker.cast
    owner, other = cast.people[0], next(slug for slug in cast.slugs if slug != cast.people[0].merchant)
    before = _rows(cast.site, cast.merchants[other]["id"])
    stems = [stem for stems in cast.merchants[other]["marks"].values() for stem in stems]
    tries = [
        (form, name, value)
        for form in sorted(set(_forms(walker)))
        if not form.path.endswith(REMEMBERS)
        for name in form.names
        for value in _values(cast, other)
    ]
    send = partial(_send, walker, session=walker.session_of(owner))
    for form, name, value in chance.sample(tries, min(count, len(tries))):
        walker.count += 1
        text = send(form, name, value)
        for stem in stems:
            # What a page repeats of a request it repeats of any: only what it adds gives something away.
            if stem in text and text.count(stem) > send(form, name, value.replace(stem, _like(stem))).count(
                _like(stem)
            ):
                yield f"{form.method} {form.path} with {name}={value} shows {stem}"
    if _rows(cast.site, cast.merchants[other]["id"]) != before:
        yield "somebody else's rows were changed by forms with their names"


def _forms(walker: Walker) -> Iterator[Form]:
    owner = walker.cast.people[0]
    for address in walker.cast.addresses:
        if address.kind != "merchant" or "GET" not in address.methods or address.streams:
            continue
        for cell in cells(walker.cast, address, owner):
            if (cell.method, cell.case.name, cell.fragment) == ("GET", "own", False):
                page = walker.ask(cell).text
                yield from forms_of(page, cell.case.path)
                yield Form(cell.case.path, "GET", tuple(sorted({*ALWAYS, *names_of(page)})))


def _like(stem: str) -> str:
    """As long, and nobody's."""
    return "none" + stem[4:]


def _values(cast: Cast, slug: str) -> list[str]:
    merchant = cast.merchants[slug]
    mark = merchant["marks"]["test"][0]
    names = [
        f"{mark}@buyer.example",
        f"{mark}order",
        f"order_id:{mark}order",
        f"pi_{mark}",
        f"ch_{mark}",
        f"Nora {mark}name",
    ]
    return [*names, slug, *merchant["objects"]["test"].values()]


def _send(walker: Walker, form: Form, name: str, value: str, *, session: str) -> str:
    cookies, typed = {"csrf": TOKEN, "session": session}, urlencode({name: value})
    path, headers, body = f"{form.path}?{typed}", {}, None
    if form.method == "POST":
        path, headers, body = form.path, form_headers(walker.url), typed.encode()
    while True:
        answer = walker.visitor.ask(form.method, path, cookies=cookies, headers=headers, body=body)
        if answer.status != 429:
            return answer.text + str(answer.headers)
        time.sleep(0.2)


def _rows(site: Installation, merchant_id: int) -> list[tuple[str, int, int]]:
    with site.database() as cursor:
        cursor.execute(_OWNED)
        found = []
        for (table,) in cursor.fetchall():
            total = "coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)"
            cursor.execute(f"SELECT count(*), {total} FROM {table} t WHERE merchant_id = %s", [merchant_id])
            count, hashed = cursor.fetchone()
            found.append((table, count, int(hashed)))
        return found
