"""Queries of one shape, compiled once.

Django compiles a query anew each time that it is asked, which takes three times as long as PostgreSQL takes to answer
a short one. What every page asks is worth the difference.
"""

import threading
from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import QuerySet
from django.db.models.query import ModelIterable, get_related_populators
from django.db.models.sql.compiler import SQLCompiler

Row = TypeVar("Row")


class Compiled(Generic[Row]):
    """``shape`` makes the query of some values, which must be all of its parameters, in the order of the SQL.

    A boolean or a limit is part of the SQL itself: shapes that differ in one are different.
    """

    def __init__(self, shape: Callable[..., QuerySet[Any, Row]]) -> None:
        self._shape = shape
        # A compiler belongs to a connection, and so to a thread.
        self._local = threading.local()

    def __call__(self, *values: Any) -> list[Row]:
        """The rows of the query with these values."""
        statement: _Statement | None = getattr(self._local, "statement", None)
        if statement is None:
            statement = self._local.statement = _Statement(self._shape(*values), values)
        return list(statement.rows(values))


class _Statement:
    def __init__(self, query: "QuerySet[Any, Any]", values: tuple[Any, ...]) -> None:
        self.compiler: SQLCompiler = query.query.get_compiler(query.db)
        self.sql, params = self.compiler.as_sql()
        if tuple(params) != values:
            raise TypeError(f"The query has the parameters {params}, not {values}.")
        self.makes_models = query._iterable_class is ModelIterable
        self.db = query.db

    def rows(self, values: tuple[Any, ...]) -> Iterator[Any]:
        with connection.cursor() as cursor:
            cursor.execute(self.sql, values)
            found = cursor.fetchall()
        results = self.compiler.results_iter([found], tuple_expected=True)
        return self._models(results) if self.makes_models else results

    def _models(self, results: Iterator[Any]) -> Iterator[Any]:
        # As django.db.models.query.ModelIterable does it.
        kind, select = self.compiler.klass_info, self.compiler.select
        first, end = kind["select_fields"][0], kind["select_fields"][-1] + 1
        names = [column[0].target.attname for column in select[first:end]]
        populators = get_related_populators(kind, select, self.db)  # type: ignore[call-arg]
        for row in results:
            made = kind["model"].from_db(self.db, names, row[first:end])
            for populator in populators:
                populator.populate(row, made)
            yield made
