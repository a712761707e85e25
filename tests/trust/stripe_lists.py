"""Everything that an account at Stripe, or at its stand-in, holds: read by plain HTTP, page by page."""

import http.client
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

Doc = dict[str, Any]
PATHS = {
    "customer": "/v1/customers",
    "payment_method": "/v1/payment_methods",
    "intent": "/v1/payment_intents",
    "charge": "/v1/charges",
    "refund": "/v1/refunds",
    "dispute": "/v1/disputes",
    "warning": "/v1/radar/early_fraud_warnings",
    "review": "/v1/reviews",
    "payout": "/v1/payouts",
    "balance_transaction": "/v1/balance_transactions",
    "invoice": "/v1/invoices",
}
_PAGE = 100
_AT_ONCE = 3
_PATIENCE = 120


class ListRefused(Exception):
    """An answer that is not the object or list that was asked for."""


@dataclass(frozen=True)
class Account:
    """An account as its secret key reaches it at ``base``."""

    base: str
    key: str = field(repr=False)

    def get(self, path: str, **params: str) -> tuple[int, Doc]:
        """Status and body of one answer."""
        where = urlsplit(self.base)
        line = http.client.HTTPConnection(where.hostname or "", where.port, timeout=_PATIENCE)
        try:
            line.request("GET", f"{path}?{urlencode(params)}", headers={"Authorization": f"Bearer {self.key}"})
            with line.getresponse() as answer:
                return answer.status, json.loads(answer.read())
        finally:
            line.close()

    def list(self, path: str, **params: str) -> Iterator[Doc]:
        """Every object of a list, newest first. Raises ListRefused."""
        cursor: dict[str, str] = {}
        while True:
            status, page = self.get(path, limit=str(_PAGE), **params, **cursor)
            if status != 200 or page.get("object") != "list":
                raise ListRefused(f"{path} answers {status}: {json.dumps(page)[:300]}")
            yield from page["data"]
            if not page["has_more"]:
                return
            cursor = {"starting_after": page["data"][-1]["id"]}


@dataclass(frozen=True)
class Books:
    """All objects of an account, by kind and id, as they were while nothing happened there."""

    account: Account
    objects: dict[str, dict[str, Doc]]

    def of(self, kind: str) -> dict[str, Doc]:
        return self.objects[kind]

    def left_of(self, kind: str, object_id: str) -> Doc | None:
        """What can still be had of an object that no list shows (any more): None when it never was."""
        status, found = self.account.get(f"{PATHS[kind]}/{object_id}")
        if status not in (200, 404):
            raise ListRefused(f"{kind} {object_id} answers {status}")
        return found if status == 200 else None


def read_books(account: Account) -> Books:
    """Raises ListRefused."""

    def read(kind: str) -> dict[str, Doc]:
        return {found["id"]: found for found in account.list(PATHS[kind])}

    with ThreadPoolExecutor(_AT_ONCE) as readers:
        return Books(account, dict(zip(PATHS, readers.map(read, PATHS), strict=True)))
