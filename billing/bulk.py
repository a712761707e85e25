"""Many rows of one model in one statement.

Django's bulk_create prepares each value through four layers of fields, which takes longer than PostgreSQL takes to
store it. Here a column is one array.
"""

import json
from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Any

from django.db import connection, models

from billing.arrays import array, element_type


def insert(rows: Sequence[models.Model], *, unique: tuple[str, ...]) -> None:
    """Stores new rows and gives them their ids; ``unique`` are attribute names that tell them apart.

    Raises IntegrityError.
    """
    if rows:
        columns = _columns(type(rows[0]))
        ids = _execute(rows, columns, returning=unique)
        for row in rows:
            row.pk = ids[tuple(getattr(row, name) for name in unique)]
            row._state.adding, row._state.db = False, connection.alias


def overwrite(rows: Sequence[models.Model], *, unique: tuple[str, ...], keep: Collection[str]) -> None:
    """Writes rows that exist and whose locks the caller holds; columns of the attributes in ``keep`` stay."""
    if rows:
        _execute(rows, _columns(type(rows[0])), unique=unique, keep=frozenset(keep) | set(unique))


def _execute(
    rows: Sequence[models.Model],
    columns: "Sequence[_Column]",
    *,
    unique: tuple[str, ...] = (),
    keep: Collection[str] = (),
    returning: tuple[str, ...] = (),
) -> dict[tuple[Any, ...], int]:
    quote = connection.ops.quote_name
    names = {column.attribute: quote(column.name) for column in columns}
    places = ", ".join(f"%s::{column.type}[]" for column in columns)
    table = quote(rows[0]._meta.db_table)
    sql = f"INSERT INTO {table} ({', '.join(names.values())}) SELECT * FROM unnest({places})"  # noqa: S608
    if unique:
        new = ", ".join(f"{name} = excluded.{name}" for attribute, name in names.items() if attribute not in keep)
        sql += f" ON CONFLICT ({', '.join(names[attribute] for attribute in unique)}) DO UPDATE SET {new}"
    if returning:
        sql += f" RETURNING id, {', '.join(names[attribute] for attribute in returning)}"
    with connection.cursor() as cursor:
        cursor.execute(sql, [array(column.values(rows)) for column in columns])
        return {tuple(key): row_id for row_id, *key in cursor.fetchall()} if returning else {}


class _Column:
    def __init__(self, field: "models.Field[Any, Any]") -> None:
        self.attribute, self.name = field.attname, field.column or field.attname
        self.type = element_type(field)
        self.is_json = isinstance(field, models.JSONField)

    def values(self, rows: Sequence[models.Model]) -> list[Any]:
        values = [getattr(row, self.attribute) for row in rows]
        return [json.dumps(value) for value in values] if self.is_json else values


@lru_cache(maxsize=64)
def _columns(model: type[models.Model]) -> list[_Column]:
    return [_Column(field) for field in model._meta.concrete_fields if not field.primary_key]
