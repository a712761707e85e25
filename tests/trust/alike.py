"""Whether pages answer those who have an account as those who have none: words, headers, cookies and time."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.trust.guest import Guest
from tests.trust.tempo import unlike
from tests.trust.visitor import Answer

if TYPE_CHECKING:
    from tests.trust.guesses import Entry

PAGES: dict[str, Callable[[Guest, str], Answer]] = {
    "login": lambda guest, email: guest.type_password(email, "not-the-password-1"),
    "reset": lambda guest, email: guest.post("/accounts/password/reset/", email=email),
    "signup": lambda guest, email: guest.post(
        "/accounts/signup/", email=email, name="Kit", password1="copper-kettle-93"
    ),
}
# After the answer a mail goes out; nobody else's answer may be measured meanwhile.
PAUSE = 0.02
_DIFFERENT_EACH_TIME = {"date", "expires", "x-request-id", "set-cookie"}


def unlike_answers(entry: "Entry", known: list[str], *, pairs: int) -> Iterator[str]:
    """Differences between known and unknown e-mails, each from an address of its own."""
    for page in PAGES:
        friends = Asked(entry, page, iter(known))
        strangers = Asked(entry, page, (f"alien{at:05}@{entry.tag}{page[0]}.example" for at in range(100_000)))
        if entry.full:
            t = unlike(friends.visit, strangers.visit, pairs=pairs, pause=PAUSE)
            if t:
                yield f"{page}: known and unknown e-mails take different times, t = {t:.1f}"
        else:
            for _ in range(pairs):
                friends.visit()
                strangers.visit()
        if friends.said != strangers.said or len(friends.said) != 1:
            where = _parting(sorted(friends.said | strangers.said))
            yield f"{page}: known and unknown e-mails are answered differently: {where}"


@dataclass
class Asked:
    """What a page said to people of one kind."""

    entry: "Entry"
    page: str
    emails: Iterator[str]
    said: set[str] = field(default_factory=set)

    def visit(self) -> float:
        email = next(self.emails)
        answer = PAGES[self.page](self.entry.guest(), email)
        self.said.add(_plain(answer, email))
        self.entry.count += 1
        return answer.seconds


def _plain(answer: Answer, email: str) -> str:
    headers = sorted((name, value) for name, value in answer.headers if name not in _DIFFERENT_EACH_TIME)
    body = re.sub(r'value="[A-Za-z0-9]{64}"', "", answer.text.replace(answer.get("x-request-id") or "-", ""))
    return f"{answer.status} {headers} {sorted(answer.cookies)} {body}".replace(email, "EMAIL")


def _parting(texts: list[str]) -> str:
    """The first place where two answers differ."""
    one, other = texts[0], texts[-1]
    place = next((at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), 0)
    return f"{one[max(place - 40, 0) : place + 80]!r} and {other[max(place - 40, 0) : place + 80]!r}"
