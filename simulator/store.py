"""Objects as JSON documents in SQLite, with what lists filter by beside them."""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Doc = dict[str, Any]

_encode = json.JSONEncoder(separators=(",", ":")).encode
_decode = json.JSONDecoder().raw_decode

_SCHEMA = """
create table if not exists meta (name text primary key, value text not null) without rowid;
create table if not exists chance (stream text primary key, count integer not null) without rowid;
create table if not exists account (id text primary key, platform text not null) without rowid;
create table if not exists object (
    seq integer primary key, account text not null, kind text not null, id text not null,
    created integer not null, deleted integer not null default 0, body text not null, unique (account, id));
create index if not exists object_list on object (account, kind, seq) where not deleted;
create table if not exists field (
    number integer primary key, account text, kind text, name text, unique (account, kind, name));
create table if not exists link (
    field integer, value text, seq integer, primary key (field, value, seq)) without rowid;
create table if not exists content (
    account text, id text, type text, bytes blob, primary key (account, id)) without rowid;
create table if not exists idempotency (
    account text, key text, fingerprint text not null, status integer not null, body blob not null,
    request text not null, created integer not null, primary key (account, key)) without rowid;
create index if not exists idempotency_age on idempotency (created);
create table if not exists timer (
    seq integer primary key, due integer not null, name text not null, account text not null, subject text not null,
    payload text not null);
create index if not exists timer_due on timer (due, seq);
create index if not exists timer_subject on timer (account, subject);
create table if not exists listener (
    endpoint text primary key, account text not null, connect integer not null, events text not null) without rowid;
create index if not exists listener_account on listener (account, connect);
create table if not exists secret (endpoint text, seq integer primary key, secret text not null, expires integer);
create table if not exists delivery (
    seq integer primary key, account text not null, event text not null, platform text not null,
    endpoint text not null, state text not null, attempts integer not null, next integer, status integer, error text);
create index if not exists delivery_due on delivery (next, seq) where state = 'pending';
create index if not exists delivery_event on delivery (account, event);
create table if not exists fund (
    account text, currency text, available integer not null, pending integer not null,
    primary key (account, currency)) without rowid;
create table if not exists journal (seq integer primary key, line text not null);
"""


def written_out(doc: Doc) -> str:
    """An object as it is stored."""
    return _encode(doc)


def read(text: str) -> Doc:
    """An object as it was stored; a fresh one each time."""
    doc: Doc = _decode(text)[0]
    return doc


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of a list: newest first, `after` and `before` are sequence numbers."""

    limit: int
    after: int | None = None
    before: int | None = None
    # Field, operator and value of each.
    ranges: Sequence[tuple[str, str, int]] = ()


class Store:
    """One connection. Writers call ``transaction()``; inside it ``savepoint()`` undoes a part."""

    def __init__(self, path: Path | str, *, durable: bool = False) -> None:
        self.db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=512)
        # Objects and events of 2 to 4 kB fit into a page beside others, instead of filling half of one.
        self.db.execute("pragma page_size = 8192")
        self.db.execute("pragma journal_mode = wal")
        self.db.execute(f"pragma synchronous = {'full' if durable else 'normal'}")
        # KiB. Ids are random: much of an index is touched by each transaction.
        self.db.execute("pragma cache_size = -65536")
        self.db.executescript(_SCHEMA)
        # Numbers of the fields that links are of: names in each row would make the index several times as large.
        self._fields: dict[tuple[str, str, str], int] = {}
        self._platforms: dict[str, str] = {}

    def close(self) -> None:
        self.db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self.db.execute("begin immediate")
        try:
            yield
            self.db.execute("commit")
        except BaseException:
            self._forget()
            self.db.execute("rollback")
            raise

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        self.db.execute("savepoint part")
        try:
            yield
        except BaseException:
            self._forget()
            self.db.execute("rollback to part")
            self.db.execute("release part")
            raise
        self.db.execute("release part")

    def _forget(self) -> None:
        """What is remembered may be of what is undone."""
        self._fields.clear()
        self._platforms.clear()

    def meta(self, name: str) -> Any:
        row = self.db.execute("select value from meta where name = ?", (name,)).fetchone()
        return json.loads(row[0]) if row else None

    def set_meta(self, name: str, value: Any) -> None:
        self.db.execute("insert or replace into meta values (?, ?)", (name, json.dumps(value)))

    def insert(self, account: str, kind: str, doc: Doc, links: Mapping[str, str], written: str | None = None) -> str:
        """Add an object; its JSON, which is ``written`` if the caller has it already.

        sqlite3.IntegrityError: the account has one of this id.
        """
        text = written_out(doc) if written is None else written
        row = (account, kind, doc["id"], doc.get("created", 0), text)
        cursor = self.db.execute("insert into object (account, kind, id, created, body) values (?, ?, ?, ?, ?)", row)
        self._link(account, kind, links, cursor.lastrowid)
        return text

    def replace(self, account: str, kind: str, doc: Doc, old: Mapping[str, str], new: Mapping[str, str]) -> str:
        """Write an object anew; ``old`` and ``new`` are what it is found by. Its JSON."""
        text = written_out(doc)
        (seq,) = self.db.execute(
            "update object set body = ? where account = ? and id = ? returning seq", (text, account, doc["id"])
        ).fetchone()
        if old != new:
            gone = [
                (self._field(account, kind, name), value, seq) for name, value in old.items() if new.get(name) != value
            ]
            self.db.executemany("delete from link where field = ? and value = ? and seq = ?", gone)
            fresh = {name: value for name, value in new.items() if old.get(name) != value}
            self._link(account, kind, fresh, seq)
        return text

    def tie(self, account: str, kind: str, doc: Doc, name: str, value: str) -> None:
        """Let an object be found by what it does not show."""
        self._link(account, kind, {name: value}, self.seq(account, kind, doc["id"]))

    def retie(self, account: str, kind: str, old: tuple[str, str], new: tuple[str, str]) -> None:
        """What was found by one tie (name, value) is found by another from now on."""
        self.db.execute(
            "update link set field = ?, value = ? where field = ? and value = ?",
            (self._field(account, kind, new[0]), new[1], self._field(account, kind, old[0]), old[1]),
        )

    def tied(self, account: str, kind: str, name: str, value: str) -> int:
        """How many objects are found by this value."""
        row = self.db.execute(
            "select count(*) from link l join object o on o.seq = l.seq and not o.deleted"
            " where l.field = ? and l.value = ?",
            (self._field(account, kind, name), value),
        ).fetchone()
        return int(row[0])

    def mark_deleted(self, account: str, stub: Doc) -> None:
        """Leave only ``stub``; lists no longer show it."""
        self.db.execute(
            "update object set deleted = 1, body = ? where account = ? and id = ?",
            (written_out(stub), account, stub["id"]),
        )

    def find(self, account: str, name: str) -> tuple[str, Doc] | None:
        """Kind and document of an id."""
        row = self.db.execute("select kind, body from object where account = ? and id = ?", (account, name)).fetchone()
        return (row[0], read(row[1])) if row else None

    def seq(self, account: str, kind: str, name: str) -> int | None:
        row = self.db.execute(
            "select seq from object where account = ? and id = ? and kind = ?", (account, name, kind)
        ).fetchone()
        return row[0] if row else None

    def select(self, account: str, kind: str, filters: Mapping[str, str], window: Window | None = None) -> list[Doc]:
        """Objects that carry all of ``filters``, newest first (with ``before``: the nearest to it, oldest first)."""
        # The first link drives, and its key is in the order wanted: SQLite would rather walk through all objects.
        source, by = "object o", "o.seq"
        values: list[str | int] = [account, kind]
        where = "o.account = ? and o.kind = ?"
        for number, (name, value) in enumerate(filters.items()):
            link = f"l{number}"
            where += f" and {link}.field = ? and {link}.value = ?"
            where += f" and {link}.seq = {by}" if number else ""
            values += [self._field(account, kind, name), value]
            source = f"{source} cross join link {link}" if number else f"link {link}"
            by = "l0.seq"
        if filters:
            source, where = f"{source} cross join object o", f"{where} and o.seq = l0.seq"
        more, bounds, tail = _bounds(window, by)
        rows = self.db.execute(
            f"select o.body from {source} where {where} and not o.deleted{more}{tail}", [*values, *bounds]
        )
        return [read(row[0]) for row in rows]

    def platform(self, account: str) -> str:
        """The account that this one is connected to, or itself."""
        if account not in self._platforms:
            row = self.db.execute("select platform from account where id = ?", (account,)).fetchone()
            self._platforms[account] = row[0] if row else account
        return self._platforms[account]

    def connect(self, account: str, platform: str) -> None:
        self._platforms.pop(account, None)
        self.db.execute("insert or ignore into account values (?, ?)", (account, platform))

    def disconnect(self, account: str) -> None:
        self._platforms.pop(account, None)
        self.db.execute("delete from account where id = ?", (account,))

    def put_content(self, account: str, name: str, type_: str, content: bytes) -> None:
        """Keep the bytes of an uploaded file."""
        self.db.execute("insert into content values (?, ?, ?, ?)", (account, name, type_, content))

    def content(self, account: str, name: str) -> tuple[str, bytes] | None:
        """Media type and bytes of a file."""
        row = self.db.execute(
            "select type, bytes from content where account = ? and id = ?", (account, name)
        ).fetchone()
        return (row[0], row[1]) if row else None

    def add_funds(self, account: str, currency: str, *, available: int = 0, pending: int = 0) -> None:
        """Running sums of the balance transactions, which are too many to add up at each call."""
        self.db.execute(
            "insert into fund values (?, ?, ?, ?) on conflict do update"
            " set available = available + excluded.available, pending = pending + excluded.pending",
            (account, currency, available, pending),
        )

    def funds(self, account: str) -> dict[str, tuple[int, int]]:
        """Available and pending by currency."""
        rows = self.db.execute(
            "select currency, available, pending from fund where account = ? order by currency", (account,)
        )
        return {row[0]: (row[1], row[2]) for row in rows}

    def count(self, account: str, kind: str) -> int:
        row = self.db.execute(
            "select count(*) from object where account = ? and kind = ? and not deleted", (account, kind)
        ).fetchone()
        return int(row[0])

    def _link(self, account: str, kind: str, links: Mapping[str, str], seq: int | None) -> None:
        rows = [(self._field(account, kind, name), value, seq) for name, value in links.items()]
        self.db.executemany("insert or ignore into link values (?, ?, ?)", rows)

    def _field(self, account: str, kind: str, name: str) -> int:
        """The number of a field; a read gives none to a field that nothing is found by yet."""
        key = (account, kind, name)
        if key not in self._fields:
            row = self.db.execute(
                "select number from field where account = ? and kind = ? and name = ?", key
            ).fetchone()
            if row is None and not self.db.in_transaction:
                return 0
            found = (
                row
                or self.db.execute(
                    "insert into field (account, kind, name) values (?, ?, ?) returning number", key
                ).fetchone()
            )
            self._fields[key] = int(found[0])
        return self._fields[key]


def _bounds(window: Window | None, by: str) -> tuple[str, list[int], str]:
    if window is None:
        return "", [], f" order by {by} desc"
    where, values = "", []
    if window.after is not None:
        where, values = f" and {by} < ?", [window.after]
    if window.before is not None:
        where, values = f"{where} and {by} > ?", [*values, window.before]
    for name, operator, value in window.ranges:
        field = "o.created" if name == "created" else f"json_extract(o.body, '$.{name}')"
        where, values = f"{where} and {field} {operator} ?", [*values, value]
    order = "asc" if window.before is not None else "desc"
    return where, values, f" order by {by} {order} limit {window.limit}"
