"""Somebody at the sign-in pages, from an address of choice, behind the site's own proxy."""

import itertools
import random
from dataclasses import dataclass, field
from urllib.parse import urlencode

from tests.trust.visitor import TOKEN, Answer, Visitor, form_headers

_numbers = itertools.count(random.SystemRandom().randrange(2**20))


def fresh_address() -> str:
    """An address that nobody came from before."""
    number = next(_numbers)
    return f"10.{number // 65536 % 256}.{number // 256 % 256}.{number % 256}"


@dataclass
class Guest:
    """`claimed` is what a client writes into X-Forwarded-For itself; the proxy adds the true address behind it."""

    visitor: Visitor
    address: str = field(default_factory=fresh_address)
    claimed: str = ""
    cookies: dict[str, str] = field(default_factory=lambda: {"csrf": TOKEN})

    def get(self, path: str) -> Answer:
        return self._ask("GET", path, self._headers())

    def post(self, path: str, **fields: str) -> Answer:
        return self._ask(
            "POST", path, {**form_headers(self.visitor.url), **self._headers()}, urlencode(fields).encode()
        )

    def type_password(self, email: str, password: str) -> Answer:
        return self.post("/accounts/login/", login=email, password=password)

    def type_code(self, code: str) -> Answer:
        return self.post("/accounts/2fa/challenge/", code=code)

    @property
    def is_in(self) -> bool:
        return self.get("/me/profile/").status == 200

    def _headers(self) -> dict[str, str]:
        return {"X-Forwarded-For": ", ".join(part for part in (self.claimed, self.address) if part)}

    def _ask(self, method: str, path: str, headers: dict[str, str], body: bytes | None = None) -> Answer:
        answer = self.visitor.ask(method, path, cookies=self.cookies, headers=headers, body=body)
        for name, value in answer.cookies.items():
            if name != "csrf":
                self.cookies[name] = value
        return answer
