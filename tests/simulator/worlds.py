"""A simulator inside the test, and requests to it without a network."""

import json
import sqlite3
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from simulator.engine import Engine, Failure, Request, Response
from simulator.protocol.credentials import account_of
from tests.conformance.annotations import problems
from tests.conformance.key_sets import missing_keys
from tests.conformance.older_schema import differences

KEY = "sk_test_acme"
ACCOUNT = account_of(KEY)


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: dict[str, Any]
    headers: dict[str, str]

    @property
    def error(self) -> dict[str, Any]:
        return self.body["error"]

    def __getitem__(self, name: str) -> Any:
        """A field of an answer that must have been a success."""
        assert self.status == 200, self.body
        return self.body[name]


class World:
    """`world.post("/v1/customers", email="a@b.example")`; lists and hashes are encoded with brackets."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def get(self, path: str, /, key: str = KEY, headers: dict[str, str] | None = None, **params: Any) -> Answer:
        return self.request("GET", path, params, key=key, headers=headers)

    def post(
        self,
        path: str,
        /,
        key: str = KEY,
        once: str | None = None,
        headers: dict[str, str] | None = None,
        failure: Failure | None = None,
        **params: Any,
    ) -> Answer:
        """``once`` is the idempotency key."""
        more = {"idempotency-key": once} if once else {}
        return self.request("POST", path, params, key=key, headers=more | (headers or {}), failure=failure)

    def delete(self, path: str, /, key: str = KEY, **params: Any) -> Answer:
        return self.request("DELETE", path, params, key=key)

    def request(
        self,
        method: str,
        path: str,
        params: dict[str, Any],
        *,
        key: str,
        headers: dict[str, str] | None = None,
        failure: Failure | None = None,
    ) -> Answer:
        text = urlencode(list(flat(params)))
        given = {"authorization": f"Bearer {key}"} | (headers or {})
        query, body = ("", text) if method == "POST" else (text, "")
        return parsed(self.engine.perform(Request(method, path, query, given, body.encode()), failure))

    def advance(self, seconds: int) -> None:
        self.engine.advance(self.engine.clock.now() + seconds)

    def events(self, **params: Any) -> list[dict[str, Any]]:
        """Oldest first."""
        return list(reversed(self.get("/v1/events", limit=100, **params)["data"]))

    def types(self) -> list[str]:
        return [event["type"] for event in self.events()]

    def check(self) -> None:
        """Everything that this world holds and has told is what Stripe says that it may be."""
        assert unlike_stripe(self.engine.store.db) == []


def unlike_stripe(db: sqlite3.Connection) -> list[str]:
    """Every object and event against the package's annotations, the keys of examples, and the older specification."""
    docs = [json.loads(body) for (body,) in db.execute("select body from object")]
    return [wrong for doc in docs for wrong in (*problems(doc), *missing_keys(doc), *differences(doc))]


def parsed(response: Response) -> Answer:
    body = json.loads(response.body)
    if response.status == 200:
        assert problems(body) == []
    return Answer(response.status, body, response.headers)


def flat(params: dict[str, Any], inside: str = "") -> Any:
    for name, value in params.items():
        path = f"{inside}[{name}]" if inside else name
        if isinstance(value, dict):
            yield from flat(value, path)
        elif isinstance(value, list):
            yield from flat({str(number): item for number, item in enumerate(value)}, path)
        elif value is not None:
            yield path, str(value).lower() if isinstance(value, bool) else value
