"""A card number typed anywhere, in any field of any page, is refused, kept nowhere and logged nowhere."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

import pytest

from tests.trust.cells import ANONYMOUS, HALF, Cast, Cell, cells, open_cast
from tests.trust.fields import forms_of
from tests.trust.installation import Installation
from tests.trust.visitor import form_headers
from tests.trust.walker import Walker
from tests.trust.writes import tables_with

# Numbers of processors' test cards, each used in one way only, so that a find tells the way.
IN_FORM, IN_ADDRESS, IN_PATH, IN_HEADER = "4000056655665556", "5555555555554444", "378282246310005", "6011111111111117"
SPOKEN = {IN_FORM: "4000 0566 5566 5556", IN_ADDRESS: "5555-5555-5555-4444"}
# Machine-made values, passwords, of which only a hash is kept, and keys, which no card number is.
NOT_TEXT = {
    *(
        "csrfmiddlewaretoken",
        "cursor",
        "draft",
        "form_key",
        "seen_left",
        "password",
        "password1",
        "password2",
        "oldpassword",
    ),
    *("api_key", "webhook_secret"),
}
# Every list takes these, whether its page shows a field or not.
ALWAYS = ("q", "next", "email", "metadata")


@dataclass(frozen=True)
class Field:
    cell: Cell
    path: str
    method: str
    name: str


@pytest.fixture(scope="module")
def walker(site: Installation) -> Iterator[Walker]:
    with Walker(open_cast(site, seed=13), site.url) as walker:
        walker.renew()
        yield walker


@pytest.fixture(scope="module")
def fields(walker: Walker) -> list[Field]:
    return sorted(set(_fields(walker)), key=lambda field: (field.path, field.name, field.method))


def _fields(walker: Walker) -> Iterator[Field]:
    for cell in _pages(walker.cast):
        page, path = walker.ask(cell).text, cell.case.path
        for name in ALWAYS:
            yield Field(cell, path, "GET", name)
        for form in forms_of(page, path):
            yield from (Field(cell, form.path, form.method, name) for name in form.names)


def _pages(cast: Cast) -> Iterator[Cell]:
    """Every page as those who see most of it."""
    owner, admin = cast.people[0], cast.person("staff admin")
    people = {"staff": (admin,), "public": (cast.person(ANONYMOUS), cast.person(HALF))}
    for address in cast.addresses:
        if "GET" in address.methods and not address.streams:
            for person in people.get(address.kind, (owner,)):
                found = cells(cast, address, person)
                yield from (
                    cell for cell in found if (cell.method, cell.case.name, cell.fragment) == ("GET", "own", False)
                )


def _cookies(walker: Walker, cell: Cell) -> dict[str, str]:
    known = {} if cell.person.name == ANONYMOUS else {"session": walker.session_of(cell.person)}
    return {"csrf": "t" * 32, **known}


def _type(walker: Walker, field: Field, text: str, *, fragment: bool = False) -> int:
    headers = form_headers(walker.url, fragment=fragment)
    typed = urlencode({field.name: f"card {text}, thanks"})
    with walker.visitor_for(field.cell) as visitor:
        if field.method == "POST":
            body = typed.encode()
            answer = visitor.ask("POST", field.path, cookies=_cookies(walker, field.cell), headers=headers, body=body)
        else:
            answer = visitor.ask("GET", f"{field.path}?{typed}", cookies=_cookies(walker, field.cell))
    assert text not in answer.text, field
    return answer.status


def test_every_field_refuses_it(walker: Walker, fields: list[Field]):
    assert len({field.path for field in fields}) > 20
    taken = []
    for field in fields:
        number = IN_FORM if field.method == "POST" else IN_ADDRESS
        status = _type(walker, field, number)
        refused = field.name in NOT_TEXT or status == 400
        if not refused or _type(walker, field, SPOKEN[number], fragment=True) >= 500:
            taken.append((field.method, field.path, field.name, status))
    assert not taken


def test_other_places_keep_nothing_either(walker: Walker):
    owner = walker.cast.people[0]
    cookies = {"csrf": "t" * 32, "session": walker.session_of(owner)}
    slug = owner.merchant
    for path in (
        f"/m/{slug}/test/transactions/{IN_PATH}/",
        f"/m/{IN_PATH}/test/",
        f"/{IN_PATH}/",
        f"/accounts/invite/{IN_PATH}/",
    ):
        assert walker.visitor.ask("GET", path, cookies=cookies).status in {302, 400, 404, 410}
    named = {"User-Agent": f"Firefox {IN_HEADER}", "Referer": f"{walker.url}/?q={IN_HEADER}", "X-Request-ID": IN_HEADER}
    shown = {**named, "HX-Request": "true", "HX-Current-URL": f"{walker.url}/me/profile/?q={IN_HEADER}"}
    assert walker.visitor.ask("GET", "/me/profile/", headers=shown).status == 401
    for path in ("/accounts/login/", "/me/profile/"):
        sent = {**form_headers(walker.url), **named}
        answer = walker.visitor.ask("POST", path, cookies=cookies, headers=sent, body=b"name=Pat&login=a@b.example")
        assert answer.status < 500


def test_it_is_kept_nowhere_and_logged_nowhere(walker: Walker, site: Installation):
    numbers = [IN_FORM, IN_ADDRESS, IN_PATH, IN_HEADER, *SPOKEN.values()]
    assert tables_with(site, numbers) == []
    logs = {name: site.log(name) for name in ("web", "worker", "sweeper")}
    assert [(name, number) for name, text in logs.items() for number in numbers if number in text] == []
    mails = "".join(file.read_text(errors="replace") for file in (site.data / "mail").glob("*.log"))
    assert not any(number in mails for number in numbers)
