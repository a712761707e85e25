"""What happens by itself when its time has come: payouts arrive, deadlines pass, refunds fail late."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from simulator.store import Store


@dataclass(frozen=True, slots=True)
class Timer:
    name: str
    run: "Callable[..., None]"
    money: bool


class Due(NamedTuple):
    seq: int
    due: int
    name: str
    account: str
    subject: str
    payload: dict[str, Any]


TIMERS: dict[str, Timer] = {}


def timer(name: str, *, money: bool = False) -> "Callable[[Callable[..., None]], Callable[..., None]]":
    """Register ``(call, subject, **payload)`` for the timers of this name; ``money``: the journal shows it."""

    def register(run: "Callable[..., None]") -> "Callable[..., None]":
        TIMERS[name] = Timer(name, run, money)
        return run

    return register


def schedule(store: "Store", account: str, name: str, due: int, subject: str, payload: dict[str, Any]) -> None:
    if name not in TIMERS:
        raise LookupError(f"No timer is called {name}")
    store.db.execute(
        "insert into timer (due, name, account, subject, payload) values (?, ?, ?, ?, ?)",
        (due, name, account, subject, json.dumps(payload)),
    )


def cancel(store: "Store", account: str, subject: str, name: str | None = None) -> None:
    """Forget the timers of an object, or those of one name."""
    store.db.execute(
        "delete from timer where account = ? and subject = ? and (? is null or name = ?)",
        (account, subject, name, name),
    )


def waits(store: "Store", account: str, subject: str, name: str) -> bool:
    """Whether such a timer is running."""
    row = store.db.execute(
        "select 1 from timer where account = ? and subject = ? and name = ? limit 1", (account, subject, name)
    ).fetchone()
    return row is not None


def first(store: "Store", until: int) -> Due | None:
    """The next timer that is due at ``until``."""
    row = store.db.execute(
        "select seq, due, name, account, subject, payload from timer where due <= ? order by due, seq limit 1", (until,)
    ).fetchone()
    return Due(row[0], row[1], row[2], row[3], row[4], json.loads(row[5])) if row else None


def done(store: "Store", seq: int) -> None:
    store.db.execute("delete from timer where seq = ?", (seq,))
