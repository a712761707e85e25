"""Queries of one shape, compiled once.

Django compiles a query anew each time that it is asked, which takes three times as long as PostgreSQL takes to answer
a short one. What every page asks is worth the difference.
"""

import threading
from collections.abc import Callable, Hashable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.db.models.query import ModelIterable, ValuesListIterable, get_related_populators
from django.db.models.sql.compiler import SQLCompiler

Row = TypeVar("Row")


class Compiled(Generic[Row]):
    """``shape`` makes the query of some values, which become its parameters, and of arguments by name, which are part
    of the SQL itself: a boolean, a limit, whether there is a condition. Those that differ in one are compiled apart,
    so there must be few.

    ``shape`` is called with stand-ins for the values, of their types, and must use each: a text for a text, a moment
    for a moment. None is no value: what compares with it is another query.
    """

    def __init__(self, shape: Callable[..., QuerySet[Any, Row]]) -> None:
        self._shape = shape
        self._here = _OfThread()

    def __call__(self, *values: Any, **fixed: Any) -> list[Row]:
        """The rows of the query with these values."""
        if None in values:
            raise TypeError("None is part of a query's SQL, and no parameter.")
        key = (len(values), *fixed.items())
        statement = self._here.statements.get(key)
        if statement is None:
            stand_ins = [_stand_in(value, number) for number, value in enumerate(values)]
            statement = self._here.statements[key] = _Statement(self._shape(*stand_ins, **fixed), stand_ins)
        return list(statement.rows(values))


class _OfThread(threading.local):
    """A compiler belongs to a connection, and so to a thread."""

    def __init__(self) -> None:
        self.statements: dict[Any, _Statement] = {}


class _Statement:
    def __init__(self, query: "QuerySet[Any, Any]", stand_ins: Sequence[Any]) -> None:
        self.compiler: SQLCompiler = query.query.get_compiler(query.db)
        self.sql, params = self.compiler.as_sql()
        self.params = list(params)
        numbers = {stand_in: number for number, stand_in in enumerate(stand_ins)}
        found = ((place, numbers.get(param)) for place, param in enumerate(params) if isinstance(param, Hashable))
        self.places = [(place, number) for place, number in found if number is not None]
        if len({number for _, number in self.places}) < len(stand_ins):
            raise TypeError(f"The query has the parameters {params}: not each of its values is among them.")
        if query._iterable_class not in (ModelIterable, ValuesListIterable):
            raise TypeError("A compiled query finds models, or tuples of values_list().")
        self.makes_models = query._iterable_class is ModelIterable
        self.db = query.db

    def rows(self, values: tuple[Any, ...]) -> Iterator[Any]:
        params = self.params.copy()
        for place, number in self.places:
            params[place] = values[number]
        with connection.cursor() as cursor:
            cursor.execute(self.sql, params)
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
            for name, column in self.compiler.annotation_col_map.items():
                setattr(made, name, row[column])
            yield made


def _stand_in(value: Any, number: int) -> Any:
    """A value of the same type that no query has by itself."""
    match value:
        case bool():
            raise TypeError("A boolean is part of a query's SQL: give it by name.")
        case int():
            return 2_147_000_000 + number
        case str():
            return f"stand-in {number} 5f1d9c"
        case UUID():
            return UUID(int=number)
        case datetime():
            return datetime(1900, 1, 1, tzinfo=UTC) + timedelta(microseconds=number)
        case date():
            return date(1900, 1, 1) + timedelta(days=number)
    raise TypeError(f"There is no stand-in for {type(value).__name__}.")
