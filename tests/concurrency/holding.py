"""Somebody who holds rows for longer than others wait for them."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg2
from django.db import OperationalError, connection
from django.db.models import Model

from tests import databases

Holder = psycopg2.extensions.connection


@contextmanager
def holding(database: str, row: Model) -> Iterator[Holder]:
    """A connection that holds this row, as whoever applies a batch of events does; it ends with its transaction."""
    with closing(psycopg2.connect(databases.url_of(database))) as other:
        with other.cursor() as cursor:
            cursor.execute(f"SELECT FROM {row._meta.db_table} WHERE id = %s FOR NO KEY UPDATE", [row.pk])
        yield other


def impatient() -> None:
    """Waits for a lock are as short as a test's."""
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '20ms'")


class Waits:
    """Counts the waits for a lock that were given up, and calls ``then`` after each."""

    def __init__(self, then: Callable[[], None] = lambda: None) -> None:
        self.count, self._then = 0, then

    def __call__(self, execute: Callable[..., Any], *statement: Any) -> Any:
        try:
            return execute(*statement)
        except OperationalError:
            self.count += 1
            self._then()
            raise
