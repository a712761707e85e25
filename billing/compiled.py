"""Queries of one shape, compiled once.

Django compiles a query anew each time that it is asked, which takes three times as long as PostgreSQL takes to answer
a short one. What every page asks is worth the difference.
"""

import threading
from collections import OrderedDict
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


class CompiledShapes:
    """The same for queries that are put together from many conditions: at most ``most`` of them a thread.

    ``shape`` names all that the SQL depends on, and ``values`` are all of its parameters, in its order. ``query`` is
    asked for only where that shape was not compiled before.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._here = _OfThread()

    def rows(self, shape: Hashable, values: tuple[Any, ...], query: Callable[[], "QuerySet[Any, Row]"]) -> list[Row]:
        return list(self._statement(shape, values, query).rows(values))

    def count(self, shape: Hashable, values: tuple[Any, ...], query: Callable[[], "QuerySet[Any, Any]"]) -> int:
        """How many rows the query has."""
        return self._statement(shape, values, query).count(values)

    def _statement(
        self, shape: Hashable, values: tuple[Any, ...], query: Callable[[], "QuerySet[Any, Any]"]
    ) -> "_Statement":
        kept = self._here.statements
        if shape not in kept:
            kept[shape] = _Statement(query(), values, in_order=True)
            if len(kept) > self._most:
                kept.popitem(last=False)
        kept.move_to_end(shape)
        return kept[shape]


class _OfThread(threading.local):
    """A compiler belongs to a connection, and so to a thread."""

    def __init__(self) -> None:
        self.statements: OrderedDict[Any, _Statement] = OrderedDict()


class _Statement:
    def __init__(self, query: "QuerySet[Any, Any]", stand_ins: Sequence[Any], *, in_order: bool = False) -> None:
        compiler: SQLCompiler = query.query.get_compiler(query.db)
        self.sql, params = compiler.as_sql()
        self.params = [] if in_order else list(params)
        self.places = [] if in_order else self._places_of(params, stand_ins)
        if in_order and tuple(params) != stand_ins:
            raise TypeError(f"The query has the parameters {params}, not {stand_ins}.")
        self.in_order = in_order
        if query._iterable_class not in (ModelIterable, ValuesListIterable):
            raise TypeError("A compiled query finds models, or tuples of values_list().")
        self.makes_models = query._iterable_class is ModelIterable
        self.db = query.db
        # The compiler itself knows the values that it was made with, which are nobody's business any more.
        self.kind, self.select, self.annotated = compiler.klass_info, compiler.select, compiler.annotation_col_map
        converters = compiler.get_converters([each[0] for each in compiler.select[: compiler.col_count]])
        self.converters = list(converters.items())

    @staticmethod
    def _places_of(params: Sequence[Any], stand_ins: Sequence[Any]) -> list[tuple[int, int]]:
        """Where in the parameters each value stands."""
        numbers = {stand_in: number for number, stand_in in enumerate(stand_ins)}
        found = ((place, numbers.get(param)) for place, param in enumerate(params) if isinstance(param, Hashable))
        places = [(place, number) for place, number in found if number is not None]
        if len({number for _, number in places}) < len(stand_ins):
            raise TypeError(f"The query has the parameters {params}: not each of its values is among them.")
        return places

    def _filled(self, values: tuple[Any, ...]) -> Sequence[Any]:
        if self.in_order:
            return values
        params = self.params.copy()
        for place, number in self.places:
            params[place] = values[number]
        return params

    def count(self, values: tuple[Any, ...]) -> int:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM ({self.sql}) AS counted", self._filled(values))  # noqa: S608
            (count,) = cursor.fetchone()
        return int(count)

    def rows(self, values: tuple[Any, ...]) -> Iterator[Any]:
        with connection.cursor() as cursor:
            cursor.execute(self.sql, self._filled(values))
            found = cursor.fetchall()
        results = map(self._converted, found) if self.converters else iter(found)
        return self._models(results) if self.makes_models else results

    def _converted(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        # As SQLCompiler.apply_converters() does it.
        converted = list(row)
        for place, (converters, expression) in self.converters:
            for convert in converters:
                converted[place] = convert(converted[place], expression, connection)
        return tuple(converted)

    def _models(self, results: Iterator[Any]) -> Iterator[Any]:
        # As django.db.models.query.ModelIterable does it.
        kind, select = self.kind, self.select
        first, end = kind["select_fields"][0], kind["select_fields"][-1] + 1
        names = [column[0].target.attname for column in select[first:end]]
        populators = get_related_populators(kind, select, self.db)  # type: ignore[call-arg]
        for row in results:
            made = kind["model"].from_db(self.db, names, row[first:end])
            for populator in populators:
                populator.populate(row, made)
            for name, column in self.annotated.items():
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
