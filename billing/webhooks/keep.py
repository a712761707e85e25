"""Rows of the inbox reach the disk, alone or several with one commit.

A commit a delivery is what costs most at the door: planning, locks and the flush to disk are the same for a handful.
"""

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Field

from billing.queue.nudge import nudge_now
from billing.webhooks.models import WebhookEvent

_INSERT = "INSERT INTO webhook_event ({columns}) VALUES {rows} ON CONFLICT (account_id, external_id) DO NOTHING"
_Values = list[Any]


class _Gathering(threading.local):
    rows: list[_Values] | None = None


_gathering = _Gathering()


def keep(*, headers: Mapping[str, str | float], **columns: Any) -> None:
    """Insert an event unless it is here already; what is not given has the model's default. When this returns it is
    committed, or will be by the end of ``together``.

    Raises django.db.Error.
    """
    columns["headers"] = json.dumps(headers)
    # No model in between: at the door its fields take longer than all the rest of Python.
    values = [columns[name] if name in columns else default() for name, default in _places()]
    if _gathering.rows is None:
        _insert([values])
    else:
        _gathering.rows.append(values)


@contextmanager
def together() -> Iterator[None]:
    """What this thread keeps in this block is committed as a whole when the block ends, or not at all.

    Raises django.db.Error, after which nothing is kept.
    """
    rows: list[_Values] = []
    _gathering.rows = rows
    try:
        yield
    finally:
        _gathering.rows = None
    if rows:
        _insert(rows)


def _insert(rows: Sequence[_Values]) -> None:
    # In autocommit the one statement is the transaction.
    with connection.cursor() as cursor:
        cursor.execute(_statement(len(rows)), [value for row in rows for value in row])
    # A second delivery of an event that is not processed yet is one more reason to wake a worker.
    nudge_now("inbox")


@cache
def _places() -> list[tuple[str, Callable[[], Any]]]:
    return [(field.attname, field.get_default) for field in _fields()]


@cache
def _fields() -> "list[Field[Any, Any]]":
    return [field for field in WebhookEvent._meta.concrete_fields if not field.primary_key]


@cache
def _statement(rows: int) -> str:
    columns = [connection.ops.quote_name(str(field.column)) for field in _fields()]
    places = "(" + ", ".join(["%s"] * len(columns)) + ")"
    return _INSERT.format(columns=", ".join(columns), rows=", ".join([places] * rows))
