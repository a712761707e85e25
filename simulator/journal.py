"""The truth for reconciliation: every call that may move money, with its parameters and what it did."""

import json
from collections.abc import Iterator
from typing import Any

from simulator.store import Doc, Store

# What of an object the journal repeats.
_SAID = ("amount", "currency", "status", "amount_received", "amount_refunded", "fee", "net", "type", "source")
_encode = json.JSONEncoder(separators=(",", ":"), default=str).encode


def note(doc: Doc, act: str) -> Doc:
    """One effect: which object, what was done to it, its amounts."""
    return {"act": act, "object": doc["object"], "id": doc["id"], **{name: doc[name] for name in _SAID if name in doc}}


def write(store: Store, line: dict[str, Any]) -> None:
    """Belongs into the transaction of the effect."""
    store.db.execute("insert into journal (line) values (?)", (_encode(line),))


def lines(store: Store, after: int = 0) -> Iterator[str]:
    """JSON lines with their sequence numbers, oldest first."""
    for seq, line in store.db.execute("select seq, line from journal where seq > ? order by seq", (after,)):
        yield f'{{"seq":{seq},{line[1:]}'
