"""People who are signed in and give money back on the pages."""

import re
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlencode

from tests.trust.visitor import TOKEN, Answer, Visitor, form_headers

_SEEN = re.compile(r'name="seen_left" value="(\d+)"')
_MADE = re.compile(r"/refunds/([^/]+)/")
# Somebody was faster, or it is more than what is left.
REFUSED = (409, 422)


@dataclass(frozen=True)
class Wish:
    """``amount`` as it is typed, of a payment by its public id. ``seen_left`` is what an old page said, None for who
    opens it just now; ``key`` is the form's own."""

    payment: str
    amount: str
    seen_left: int | None
    at: float = 0.0
    key: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass(frozen=True)
class Outcome:
    """``command`` by its public id, empty where it was refused."""

    wish: Wish
    status: int
    command: str


class Hands:
    """Of one person. ``base`` is the address under which all of the merchant's pages are."""

    def __init__(self, url: str, base: str, session: str) -> None:
        self.base, self.session, self.visitor = base, session, Visitor(url)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.visitor.close()

    def ask(self, wishes: Sequence[Wish], *, times: int = 1) -> list[Outcome]:
        """Each at its time, the same form so many times."""
        outcomes = []
        for wish in wishes:
            time.sleep(max(wish.at - time.time(), 0))
            page = f"{self.base}transactions/{wish.payment}/refund/"
            seen = self._look(page) if wish.seen_left is None else wish.seen_left
            typed = {"how": "part", "amount": wish.amount, "reason": "goodwill", "note": ""}
            sent = {**typed, "seen_left": str(seen), "form_key": wish.key}
            outcomes += [self._outcome(wish, self._post(page, **sent)) for _ in range(times)]
        return outcomes

    def withdraw(self, command: str) -> bool:
        """Whether it was not sent yet."""
        answer = self._post(f"{self.base}refunds/{command}/withdraw/")
        if answer.status not in (303, 409):
            raise AssertionError(f"withdrawing {command} answers {answer.status}")
        return answer.status == 303

    def _outcome(self, wish: Wish, answer: Answer) -> Outcome:
        made = _MADE.search(answer.target)
        if (answer.status == 303) != bool(made) or answer.status not in (303, *REFUSED):
            raise AssertionError(f"a refund answers {answer.status} {answer.target}: {answer.text[:500]}")
        return Outcome(wish, answer.status, made[1] if made else "")

    def _look(self, page: str) -> int:
        answer = self.visitor.ask("GET", page, cookies=self._cookies())
        found = _SEEN.search(answer.text)
        # Where nothing is left there is no form.
        return int(found[1]) if found else 0

    def _post(self, path: str, **fields: str) -> Answer:
        headers, body = form_headers(self.visitor.url), urlencode(fields).encode()
        return self.visitor.ask("POST", path, cookies=self._cookies(), headers=headers, body=body)

    def _cookies(self) -> dict[str, str]:
        return {"csrf": TOKEN, "session": self.session}
