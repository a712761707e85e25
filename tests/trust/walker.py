"""Goes to one place after another as one person after another, and says what is wrong there."""

import re
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Self

from tests.trust.cells import ANONYMOUS, HALF, Cast, Cell, Person, cases
from tests.trust.dress import flaws
from tests.trust.expected import PUBLIC, SENT, allowed, forbidden_marks
from tests.trust.visitor import TOKEN, Answer, Visitor, form_headers, fresh_source

PATIENCE = 5


@dataclass
class Walker:
    cast: Cast
    url: str
    count: int = 0
    problems: list[str] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    # By person and kind of request: what the answers 404 said.
    not_found: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    sessions: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.visitor = Visitor(self.url)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.visitor.close()

    def renew(self) -> None:
        """Fresh sessions for everybody who looks."""
        emails = [person.email for person in self.cast.people if person.signed_in]
        self.sessions = self.cast.ask("sessions", emails=emails)
        half = self.cast.person(HALF)
        self.sessions[half.name] = self.cast.ask("half_session", email=half.spare)

    def visit(self, cell: Cell) -> None:
        answer = self.ask(cell)
        self.count += 1
        self.statuses[answer.status] += 1
        self.problems += [f"{cell}: {text}" for text in self._wrong(cell, answer)]

    def ask(self, cell: Cell, query: str = "") -> Answer:
        headers = {"HX-Request": "true"} if cell.fragment else {}
        body = None
        if cell.method not in {"GET", "HEAD", "OPTIONS", "TRACE"}:
            headers, body = form_headers(self.url, fragment=cell.fragment), b"sent=1"
        cookies = {"csrf": TOKEN, **self._cookie(cell)}
        path = self.path_of(cell) + query
        for _ in range(PATIENCE):
            with self.visitor_for(cell) as visitor:
                answer = visitor.ask(cell.method, path, cookies=cookies, headers=headers, body=body)
            if answer.status != 429:
                break
            # Many of a person's cells may come at once by chance.
            time.sleep(0.2)
        return answer

    def path_of(self, cell: Cell) -> str:
        if cell.address.kind != "person" or not cell.address.parameters or cell.method != "POST" or not cell.case.there:
            return cell.case.path
        # What a form ends is gone for the next one.
        objects = self.cast.ask("own_objects", email=cell.person.spare)
        return next(case.path for case in cases(self.cast, cell.address, cell.person, own=objects) if case.there)

    @contextmanager
    def visitor_for(self, cell: Cell) -> Iterator[Visitor]:
        if not cell.address.name.startswith("account_"):
            yield self.visitor
            return
        with Visitor(self.url, source=fresh_source()) as stranger:
            yield stranger

    def _cookie(self, cell: Cell) -> dict[str, str]:
        person = cell.person
        if person.name == ANONYMOUS:
            return {}
        # A form that is taken may end the session that sent it, so it gets one of its own.
        if cell.method == "POST" and allowed(cell) in (SENT, PUBLIC):
            if person.name == HALF:
                return {"session": self.cast.ask("half_session", email=person.spare)}
            return {"session": self.cast.ask("sessions", emails=[person.spare])[person.spare]}
        return {"session": self.session_of(person)}

    def session_of(self, person: Person) -> str:
        """Of somebody who looks, or who waits for the code."""
        return self.sessions[person.email or person.name]

    def _wrong(self, cell: Cell, answer: Answer) -> Iterator[str]:
        # Doors for machines know nobody, and a TRACE is refused before anybody is.
        known = cell.person.signed_in and cell.method != "TRACE" and not cell.address.exempt
        yield from flaws(answer, url=self.url, signed_in=known)
        expected = allowed(cell)
        if answer.status not in expected:
            yield f"answered {answer.status}, not {' or '.join(map(str, sorted(expected)))}"
        sent_away = answer.status in {302, 401} and not cell.person.signed_in and cell.address.kind != "public"
        if sent_away and not answer.target.startswith("/accounts/login/?next="):
            yield f"leads to {answer.target!r}"
        said = answer.text + str(answer.headers)
        yield from (f"shows {mark!r}" for mark in forbidden_marks(self.cast, cell) if mark in said)
        if answer.status == 404:
            # Machines are told in a word what people are told in a page.
            to = "machine" if cell.address.exempt else cell.person.name
            self.not_found[f"{to}, {cell.method}, {cell.fragment}"].add(_plain(answer, cell))


def _plain(answer: Answer, cell: Cell) -> str:
    """An answer without what is different each time."""
    kept = [(name, value) for name, value in answer.headers if name not in {"date", "x-request-id", "set-cookie"}]
    text = f"{answer.status} {kept} {answer.text}"
    return re.sub(re.escape(answer.get("x-request-id")), "", text) if answer.get("x-request-id") else text
