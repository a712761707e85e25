"""What must agree in the books of a simulator, whenever it was killed: journal, objects, balances, keys, events."""

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from simulator import journal
from simulator.engine import Engine
from simulator.kinds import KINDS

Doc = dict[str, Any]
# Told once in the life of each object of the kind.
BIRTHS = {"charge": None, "payment_intent": "payment_intent.created", "payout": "payout.created"} | {
    "refund": "refund.created",
    "topup": "topup.created",
    "transfer": "transfer.created",
}
assert Engine, "kinds are known once the engine was imported"


def disagreements(folder: Path) -> list[str]:
    """Of a simulator that does not run."""
    with closing(sqlite3.connect(folder / "simulator.sqlite3")) as db:
        whole = db.execute("pragma integrity_check").fetchone()[0]
        lines = [json.loads(line) for (line,) in db.execute("select line from journal order by seq")]
        objects = _objects(db)
        funds = {row[:2]: row[2:] for row in db.execute("select account, currency, available, pending from fund")}
        keys = db.execute("select key, status, body, request from idempotency").fetchall()
    wrong = [] if whole == "ok" else [f"SQLite: {whole}"]
    wrong += _journal(lines, objects)
    wrong += _funds(objects, funds)
    wrong += _keys(lines, keys, objects)
    wrong += _refunds(objects)
    wrong += _events(objects)
    return wrong


def _objects(db: sqlite3.Connection) -> list[tuple[str, str, Doc]]:
    """Account, kind and document of each."""
    rows = db.execute("select account, kind, body from object where not deleted order by seq")
    return [(account, kind, json.loads(body)) for account, kind, body in rows]


def _journal(lines: list[Doc], objects: list[tuple[str, str, Doc]]) -> Iterator[str]:
    """Every object is as the journal says that it was left, and was made once."""
    last: dict[str, Doc] = {}
    births: Counter[str] = Counter()
    for line in lines:
        for note in line["effect"]:
            births[note["id"]] += note["act"] == "created"
            last[note["id"]] = {name: value for name, value in note.items() if name != "act"}
    seen = set()
    for _, kind, doc in objects:
        if not KINDS[kind].money:
            continue
        seen.add(doc["id"])
        said = {name: value for name, value in journal.note(doc, "").items() if name != "act"}
        if births[doc["id"]] != 1:
            yield f"{doc['id']} was made {births[doc['id']]} times"
        elif last[doc["id"]] != said:
            yield f"{doc['id']} is {said}, the journal left it as {last[doc['id']]}"
    for name in last.keys() - seen:
        yield f"the journal made {name}, and it is not there"


def _funds(objects: list[tuple[str, str, Doc]], funds: dict[tuple[str, str], tuple[int, int]]) -> Iterator[str]:
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for account, kind, doc in objects:
        if kind == "balance_transaction":
            sums[account, doc["currency"]][doc["status"] == "pending"] += doc["net"]
            if doc["net"] != doc["amount"] - doc["fee"]:
                yield f"{doc['id']} does not add up"
    for place in sums.keys() | funds.keys():
        if tuple(sums[place]) != funds.get(place):
            yield f"the balance of {place} is {funds.get(place)}, its transactions sum to {sums[place]}"


def _keys(
    lines: list[Doc], keys: list[tuple[str, int, bytes, str]], objects: list[tuple[str, str, Doc]]
) -> Iterator[str]:
    """A key that has an answer has one effect, and what has an effect by a key has an answer."""
    worked = defaultdict(list)
    for line in lines:
        if line["idempotency_key"]:
            worked[line["idempotency_key"]].append((line["request"], line["status"]))
    there = {doc["id"] for _, _, doc in objects}
    for key, status, body, request in keys:
        if worked.pop(key, []) != [(request, status)]:
            yield f"{key} was answered by {request}, and the journal says otherwise"
        if status == 200 and json.loads(body)["id"] not in there:
            yield f"{key} was answered with what is not there"
    for key, found in worked.items():
        if len(found) > 1:
            yield f"{key} had {len(found)} effects"


def _refunds(objects: list[tuple[str, str, Doc]]) -> Iterator[str]:
    back: Counter[str] = Counter()
    for _, kind, doc in objects:
        if kind == "refund" and doc["status"] not in ("failed", "canceled"):
            back[doc["charge"]] += doc["amount"]
    for _, kind, doc in objects:
        if kind == "charge" and doc["amount_refunded"] != back[doc["id"]]:
            yield f"{doc['id']} says {doc['amount_refunded']} was refunded, its refunds are {back[doc['id']]}"


def _events(objects: list[tuple[str, str, Doc]]) -> Iterator[str]:
    told = Counter((doc["type"], doc["data"]["object"].get("id")) for _, kind, doc in objects if kind == "event")
    for _, kind, doc in objects:
        birth = BIRTHS.get(kind)
        if birth and not doc["id"].startswith("pyr") and told[birth, doc["id"]] != 1:
            yield f"{birth} of {doc['id']} was told {told[birth, doc['id']]} times"
        if kind == "payment_intent" and told["payment_intent.succeeded", doc["id"]] != (doc["status"] == "succeeded"):
            yield f"{doc['id']} is {doc['status']}, and that was not told once"
