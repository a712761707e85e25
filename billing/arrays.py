"""Columns of many rows as one parameter each.

psycopg2 quotes a list element by element into an expression that PostgreSQL parses element by element; an array that
is written as one text costs both of them a fraction of that.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Field, Lookup
from django.utils.functional import Promise

# What PostgreSQL reads as Python writes it. Of anything else, such as bytes, Python's notation would be stored.
_WRITTEN = (str, UUID, date, Decimal, float, timedelta, Promise)
# Most columns are of one of these, and long.
_QUOTED_TOGETHER = {str, UUID, datetime}
# No text in PostgreSQL has it.
_BETWEEN = "\0"


def array(values: Iterable[Any]) -> str:
    """PostgreSQL's text form of a one-dimensional array, for a parameter cast such as ``%s::bigint[]``.

    Takes None, text, and what PostgreSQL reads as Python writes it: numbers, booleans, UUIDs, dates, moments. Raises
    TypeError for anything else.
    """
    values = list(values)
    if values and _QUOTED_TOGETHER.issuperset(map(type, values)):
        texts = list(map(str, values))
        if _BETWEEN not in "".join(texts):
            return '{"' + _quoted(_BETWEEN.join(texts)).replace(_BETWEEN, '","') + '"}'
    return "{" + ",".join(map(_element, values)) + "}"


def arrays(rows: Iterable[Iterable[Any]]) -> list[str]:
    """The columns of rows of equal length."""
    return [array(column) for column in zip(*rows, strict=True)]


def element_type(field: "Field[Any, Any]") -> str:
    """Of what an array of the field's values is made."""
    kind = (field.cast_db_type(connection) or "").partition("(")[0]
    # An array of varchar(n) would cut what is too long without a word; text is checked when it is stored.
    return "text" if kind == "varchar" else kind


def _element(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, int):
        return str(value)
    if not isinstance(value, _WRITTEN):
        raise TypeError(f"PostgreSQL does not read {type(value).__name__} as Python writes it.")
    return '"' + _quoted(str(value)) + '"'


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


@Field.register_lookup
class Among(Lookup):
    """``pk__among=ids``: as ``in`` does, with one parameter however many values there are. A text is an array that is
    written already."""

    lookup_name = "among"

    def get_prep_lookup(self) -> str:
        """Values that can be gone through only once are, however often the query is run."""
        return self.rhs if isinstance(self.rhs, str) else array(self.rhs)

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, params = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s::{element_type(self.lhs.output_field)}[])", (*params, self.rhs)
