"""Columns of many rows as one parameter each.

psycopg2 quotes a list element by element into an expression that PostgreSQL parses element by element; an array that
is written as one text costs both of them a fraction of that.
"""

from collections.abc import Iterable
from typing import Any

from django.db.models import Field, Lookup

# An array of varchar(n) would cut what is too long without a word; text is checked when it is stored.
TYPES = {"varchar": "text", "serial": "integer", "bigserial": "bigint"}


def array(values: Iterable[Any]) -> str:
    """PostgreSQL's text form of a one-dimensional array, for a parameter cast such as ``%s::bigint[]``.

    Takes None, text, and what PostgreSQL reads as Python writes it: numbers, booleans, UUIDs, dates, moments.
    """
    return "{" + ",".join([_element(value) for value in values]) + "}"


def arrays(rows: Iterable[Iterable[Any]]) -> list[str]:
    """The columns of rows of equal length."""
    return [array(column) for column in zip(*rows, strict=True)]


def _element(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, int):
        return str(value)
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


@Field.register_lookup
class Among(Lookup):
    """``pk__among=ids``: as ``in`` does, with one parameter however many values there are."""

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, params = self.process_lhs(compiler, connection)
        kind = self.lhs.output_field.cast_db_type(connection).partition("(")[0]
        return f"{column} = ANY(%s::{TYPES.get(kind, kind)}[])", (*params, array(self.rhs))
