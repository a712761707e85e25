"""Compares the database of an installation with what was sent, and waits until its work is done."""

import time
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.trust.installation import Installation
from tests.trust.sender import Load, Shop
from tests.trust.stories import Told, Truth

QUEUES = ("webhook_event", "outbox_event", "outbox_delivery")
_SUCCEEDED = {"succeeded", "partially_refunded", "refunded"}
_FAILED = {"failed", "blocked"}
Problems = Iterator[str]


def unfinished(site: Installation) -> dict[str, int]:
    """How many rows of each queue somebody must still work on."""
    with site.database() as cursor:
        found = {}
        for table in QUEUES:
            cursor.execute(f"SELECT count(*) FROM {table} WHERE state NOT IN ('done', 'dead')")
            found[table] = cursor.fetchone()[0]
        return found


def settle(site: Installation, *, within: float) -> float | None:
    """Waits until no queue holds work; the seconds that took, or None when it took too long."""
    started = time.monotonic()
    while any(unfinished(site).values()):
        if time.monotonic() - started > within:
            return None
        time.sleep(0.1)
    return time.monotonic() - started


def verify(site: Installation, shops: Sequence[Shop], told: Told, load: Load, *, replayed: bool = False) -> list[str]:
    """Everything wrong with what became of these events, all delivered and settled. One sentence each."""
    accounts = [shop.account_id for shop in shops]
    truths = {(shops[truth.shop].account_id, truth.external_id): truth for truth in told.truths}
    with site.database() as cursor:
        return [
            *_inbox(cursor, shops, told, load, once=not replayed),
            *_payments(cursor, accounts, truths),
            *_attempts(cursor, accounts, truths),
            *_activity(cursor, accounts, truths),
            *_figures(cursor, shops, told.truths),
            *_outbox(cursor, shops, truths),
            *(f"the door answered {status} to {event_id}" for status, event_id in load.refused),
        ]


def missing(site: Installation, shops: Sequence[Shop], acknowledged: Collection[tuple[int, str]]) -> list[str]:
    """Events that were acknowledged and are not in the database."""
    with site.database() as cursor:
        cursor.execute(
            "SELECT account_id::text, external_id FROM webhook_event WHERE account_id = ANY(%s::uuid[])",
            [[shop.account_id for shop in shops]],
        )
        kept = set(cursor.fetchall())
    return [
        f"{event_id} was acknowledged and is lost"
        for shop, event_id in acknowledged
        if (shops[shop].account_id, event_id) not in kept
    ]


def _inbox(cursor: Any, shops: Sequence[Shop], told: Told, load: Load, *, once: bool) -> Problems:
    # An attempt's record commits together with the effect: two records of success are two effects.
    cursor.execute(
        """SELECT account_id::text, external_id, state, outcome, attempts,
                  (SELECT count(*) FROM webhook_attempt AS run
                    WHERE run.event_id = event.id AND result IN ('changed', 'no_change', 'ignored'))
             FROM webhook_event AS event WHERE account_id = ANY(%s::uuid[])""",
        [[shop.account_id for shop in shops]],
    )
    rows = {(account, event): rest for account, event, *rest in cursor.fetchall()}
    sent = {(shops[letter.shop].account_id, letter.id) for letter in told.letters}
    for shop, event_id in load.acknowledged:
        if (shops[shop].account_id, event_id) not in rows:
            yield f"{event_id} was acknowledged and is lost"
    for key in sent - rows.keys():
        yield f"{key[1]} was sent until acknowledged and is not here"
    for key in rows.keys() - sent:
        yield f"{key[1]} is here and nobody sent it"
    for (_, event_id), (state, outcome, attempts, effects) in rows.items():
        if state != "done":
            yield f"{event_id} ended as {state} after {attempts} attempts"
        elif effects != 1 and (once or not effects):
            yield f"{event_id} took effect {effects} times"
        elif (outcome == "ignored") != (event_id in told.noise):
            yield f"{event_id} ended as {outcome}"


def _payments(cursor: Any, accounts: list[str], truths: dict[tuple[str, str], Truth]) -> Problems:
    cursor.execute(
        """SELECT account_id::text, external_id, status, currency, amount, amount_captured, amount_refunded,
                  extract(epoch FROM created_at)::bigint
             FROM payment WHERE account_id = ANY(%s::uuid[])""",
        [accounts],
    )
    found = {(account, external_id): tuple(values) for account, external_id, *values in cursor.fetchall()}
    expected = {
        key: (truth.status, truth.currency, truth.amount, truth.captured, truth.refunded, truth.created)
        for key, truth in truths.items()
    }
    yield from _differences("payment", expected, found)


def _attempts(cursor: Any, accounts: list[str], truths: dict[tuple[str, str], Truth]) -> Problems:
    cursor.execute(
        """SELECT attempt.account_id::text, attempt.external_id, payment.external_id, attempt.status,
                  attempt.amount_captured, attempt.amount_refunded
             FROM payment_attempt AS attempt JOIN payment ON payment.id = payment_id
            WHERE attempt.account_id = ANY(%s::uuid[])""",
        [accounts],
    )
    found = {(account, charge): tuple(values) for account, charge, *values in cursor.fetchall()}
    expected = {
        (account, charge): (external_id, *values)
        for (account, external_id), truth in truths.items()
        for charge, *values in truth.attempts
    }
    yield from _differences("attempt", expected, found)


def _activity(cursor: Any, accounts: list[str], truths: dict[tuple[str, str], Truth]) -> Problems:
    cursor.execute(
        """SELECT payment.account_id::text, payment.external_id, count(*)
             FROM payment_activity JOIN payment ON payment.id = payment_id
            WHERE account_id = ANY(%s::uuid[]) GROUP BY 1, 2""",
        [accounts],
    )
    found = {(account, external_id): count for account, external_id, count in cursor.fetchall()}
    yield from _differences("timeline", {key: truth.events for key, truth in truths.items()}, found)


def _figures(cursor: Any, shops: Sequence[Shop], truths: Sequence[Truth]) -> Problems:
    cursor.execute(
        """SELECT merchant_id, livemode, currency, day, payments, succeeded, failed, amount_captured, amount_refunded
             FROM daily_figures WHERE merchant_id = ANY(%s)""",
        [[shop.merchant_id for shop in shops]],
    )
    found = {tuple(row[:4]): tuple(row[4:]) for row in cursor.fetchall() if any(row[4:])}
    expected: dict[tuple[int, bool, str, date], Counter[int]] = {}
    for truth in truths:
        shop = shops[truth.shop]
        day = datetime.fromtimestamp(truth.created, UTC).astimezone(ZoneInfo(shop.zone)).date()
        cell = expected.setdefault((shop.merchant_id, shop.livemode, truth.currency, day), Counter())
        values = (1, truth.status in _SUCCEEDED, truth.status in _FAILED, truth.captured, truth.refunded)
        cell.update(dict(enumerate(map(int, values))))
    yield from _differences("figures", {key: tuple(cell[i] for i in range(5)) for key, cell in expected.items()}, found)


def _outbox(cursor: Any, shops: Sequence[Shop], truths: dict[tuple[str, str], Truth]) -> Problems:
    cursor.execute(
        """WITH subscribers AS (SELECT count(DISTINCT subscriber) AS n FROM outbox_delivery
                                  JOIN outbox_event AS event ON event.id = event_id WHERE type = 'payment.changed')
           SELECT event.state, count(*), count(*) FILTER (WHERE deliveries <> subscribers.n OR unfinished > 0)
             FROM (SELECT event.state, count(delivery.id) AS deliveries,
                          count(*) FILTER (WHERE delivery.state <> 'done') AS unfinished
                     FROM outbox_event AS event LEFT JOIN outbox_delivery AS delivery ON delivery.event_id = event.id
                    WHERE event.merchant_id = ANY(%s) AND event.type = 'payment.changed' GROUP BY event.id) AS event
            CROSS JOIN subscribers GROUP BY event.state""",
        [[shop.merchant_id for shop in shops]],
    )
    for state, count, odd in cursor.fetchall():
        if state != "done":
            yield f"{count} outbox events ended as {state}"
        if odd:
            yield f"{odd} outbox events were not delivered exactly once to each"
    cursor.execute(
        """SELECT count(*) FROM payment WHERE account_id = ANY(%s::uuid[])
              AND NOT EXISTS (SELECT 1 FROM outbox_event WHERE object_id = payment.public_id)""",
        [[shop.account_id for shop in shops]],
    )
    silent = cursor.fetchone()[0]
    if silent:
        yield f"{silent} payments changed without a word in the outbox"


def _differences(what: str, expected: dict[Any, Any], found: dict[Any, Any]) -> Problems:
    for key in expected.keys() | found.keys():
        if expected.get(key) != found.get(key):
            yield f"{what} {' '.join(map(str, key))}: {found.get(key)} instead of {expected.get(key)}"
