"""The running site as a journey meets it: its pages' address, its door, and the database behind both."""

import http.client
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

from django.db import connection

from billing.outbox.models import OutboxDelivery, OutboxEvent
from billing.queue.models import State
from billing.webhooks.models import WebhookEvent
from portal.accounts.user import User
from tests import databases
from tests.billing.deliveries import signature
from tests.portal.people import signed_in
from tests.stack import Stack

T = TypeVar("T")


# Seconds. For five minutes a session shows pages that ask for a fresh code; it ends after a quarter of an hour unused.
FRESH = 4 * 60


class Site:
    """``ask`` runs a function in the site's database and returns what it returns; rows stay in that thread."""

    def __init__(self, stack: Stack, blocker: Any) -> None:
        self.stack, self.url = stack, stack.url
        self._blocker = blocker
        self._clerk = ThreadPoolExecutor(1, thread_name_prefix="clerk")
        self._sessions: dict[str, tuple[str, float]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._clerk.shutdown()

    def ask(self, call: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        return self._clerk.submit(self._ask, call, *args, **kwargs).result()

    def _ask(self, call: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        with self._blocker.unblock(), databases.default_at(self.stack.database):
            try:
                return call(*args, **kwargs)
            finally:
                connection.close()

    def session(self, email: str) -> str:
        """The cookie of somebody who signed in lately, second factor included; one session each meanwhile."""
        cookie, made_at = self._sessions.get(email, ("", 0.0))
        if not cookie or time.monotonic() - made_at > FRESH:
            cookie = self.ask(_session, email)
            self._sessions[email] = cookie, time.monotonic()
        return cookie

    def forget(self, email: str) -> None:
        """The next page of this person gets a session of its own."""
        self._sessions.pop(email, None)

    def deliver(self, connection_id: str, *events: dict[str, Any]) -> None:
        """Signed and posted to the door, as the processor does it."""
        where = urlsplit(self.url)
        line = http.client.HTTPConnection(where.hostname or "", where.port, timeout=15)
        for event in events:
            body = json.dumps(event).encode()
            headers = {"Stripe-Signature": signature(body), "Content-Type": "application/json"}
            line.request("POST", f"/webhooks/stripe/{connection_id}/", body, headers)
            answer = line.getresponse()
            answer.read()
            assert answer.status == 200, f"the door answered {answer.status} to {event['id']}"
        line.close()

    def settle(self, *, within: float = 30) -> None:
        """Returns when every event that came has been tried, and all that its effects told anybody has been said."""
        until = time.monotonic() + within
        while waiting := self.ask(_waiting):
            assert time.monotonic() < until, f"{waiting} events were not processed within {within} s"
            time.sleep(0.1)


def _session(email: str) -> str:
    return signed_in(User.objects.get(email=email)).cookies["session"].value


def _waiting() -> int:
    untried = {"state__in": [State.PENDING, State.LEASED], "attempts": 0}
    return sum(rows.objects.filter(**untried).count() for rows in (WebhookEvent, OutboxEvent, OutboxDelivery))
