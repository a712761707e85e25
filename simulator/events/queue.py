"""The deliveries of events: which are due, what became of them. A row is one event for one endpoint."""

from typing import NamedTuple

from simulator.store import Store

# After a failure, in seconds of virtual time. Live: three days with growing pauses. Sandbox: three times in some hours.
SCHEDULES = {
    "live": (300, 1800, 7200, 18000, 36000, *(43200,) * 4),
    "sandbox": (600, 3600, 10800),
}


class Delivery(NamedTuple):
    seq: int
    account: str
    event: str
    platform: str
    endpoint: str
    attempts: int


_FIELDS = "seq, account, event, platform, endpoint, attempts"


def due(store: Store, until: int, limit: int, but: set[int]) -> list[Delivery]:
    """The oldest deliveries that are due, without those on their way already."""
    rows = store.db.execute(
        f"select {_FIELDS} from delivery where state = 'pending' and next <= ? order by next, seq limit ?",
        (until, limit + len(but)),
    )
    return [Delivery(*row) for row in rows if row[0] not in but][:limit]


def next_due(store: Store) -> int | None:
    row = store.db.execute("select min(next) from delivery where state = 'pending'").fetchone()
    return row[0]  # type: ignore[no-any-return]


def delivered(store: Store, delivery: Delivery, status: int) -> None:
    store.db.execute(
        "update delivery set state = 'delivered', attempts = attempts + 1, next = null, status = ?, error = null"
        " where seq = ?",
        (status, delivery.seq),
    )


def failed(store: Store, delivery: Delivery, status: int | None, error: str, *, now: int, schedule: str) -> None:
    """Plan the next attempt, or give up when the schedule has come to its end."""
    pauses = SCHEDULES[schedule]
    more = delivery.attempts < len(pauses)
    store.db.execute(
        "update delivery set state = ?, attempts = attempts + 1, next = ?, status = ?, error = ? where seq = ?",
        ("pending", now + pauses[delivery.attempts], status, error, delivery.seq)
        if more
        else ("failed", None, status, error, delivery.seq),
    )


def lose(store: Store, delivery: Delivery) -> None:
    """It was sent and never arrived, and nobody knows."""
    store.db.execute("update delivery set state = 'lost', next = null where seq = ?", (delivery.seq,))


def postpone(store: Store, delivery: Delivery, until: int) -> None:
    store.db.execute("update delivery set next = ? where seq = ?", (until, delivery.seq))


def abandon(store: Store, endpoint: str) -> None:
    """The endpoint was disabled or deleted: what waits for it is not sent any more."""
    store.db.execute(
        "update delivery set state = 'failed', next = null, error = 'endpoint disabled'"
        " where endpoint = ? and state = 'pending'",
        (endpoint,),
    )


def resend(store: Store, account: str, event: str, endpoint: str | None, now: int) -> int:
    """Send an event again to those that it was for, or to one of them. How many deliveries that makes."""
    return store.db.execute(
        "insert into delivery (account, event, platform, endpoint, state, attempts, next)"
        " select distinct account, event, platform, endpoint, 'pending', 0, ? from delivery"
        " where account = ? and event = ? and (? is null or endpoint = ?)",
        (now, account, event, endpoint, endpoint),
    ).rowcount


def pending(store: Store, account: str, event: str) -> int:
    """At how many endpoints an event has not arrived yet."""
    row = store.db.execute(
        "select count(*) from delivery where account = ? and event = ? and state = 'pending'", (account, event)
    ).fetchone()
    return int(row[0])


def undelivered(store: Store, account: str, events: list[str]) -> set[str]:
    """Which of these events some endpoint has not got, or not yet."""
    marks = ", ".join("?" * len(events))
    rows = store.db.execute(
        f"select distinct event from delivery where account = ? and state in ('pending', 'failed')"
        f" and event in ({marks})",
        (account, *events),
    )
    return {row[0] for row in rows}


def listing(store: Store) -> list[dict[str, object]]:
    """Every delivery, for the control door."""
    names = ["seq", "account", "event", "platform", "endpoint", "state", "attempts", "next", "status", "error"]
    rows = store.db.execute(f"select {', '.join(names)} from delivery order by seq")
    return [dict(zip(names, row, strict=True)) for row in rows]
