"""Tries to change what must stay, each time in a transaction that is taken back. Runs in the actor's process."""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

Act = Callable[[random.Random], None]
# No right to do it, kept by a trigger, or against a constraint. Anything else is a mistake of the test's own.
_REFUSALS = ("42501", "23")
_TRIGGERS = """
SELECT tgname, tgrelid::regclass::text FROM pg_trigger
 WHERE NOT tgisinternal AND tgrelid = ANY(%s::regclass[]) ORDER BY 1
"""
_FUNCTIONS = """
SELECT DISTINCT proname FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid
 WHERE NOT tgisinternal AND tgrelid = ANY(%s::regclass[]) ORDER BY 1
"""
_EMPTY = "CREATE OR REPLACE FUNCTION {}() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN coalesce(NEW, OLD); END'"
_SUM = "SELECT count(*), coalesce(sum(hashtextextended(row::text, 0)::numeric), 0) FROM {} AS row"
# Not every choice of chance can be carried out.
PATIENCE = 10


@dataclass(frozen=True)
class Ground:
    """Tables, what somebody may do to them, what somebody who may only add rows can try, and the command that finds
    it. It is the command's promise to fail after each of them."""

    tables: tuple[str, ...]
    acts: tuple[Act, ...]
    additions: tuple[Act, ...]
    command: str
    options: dict[str, Any] = field(default_factory=dict)

    def holds(self) -> bool:
        """What the command says; a trail or a book that it cannot even read does not hold."""
        try:
            call_command(self.command, stdout=StringIO(), stderr=StringIO(), **self.options)
        except (CommandError, DatabaseError):
            return False
        return True


@dataclass
class Tally:
    """How often something was refused, found or missed; ``acts`` counts what was found by its name."""

    refused: int = 0
    found: int = 0
    problems: list[str] = field(default_factory=list)
    acts: Counter[str] = field(default_factory=Counter)

    @property
    def tries(self) -> int:
        return self.refused + self.found + len(self.problems)


def execute(statement: str, *values: Any) -> int:
    """Returns how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)


def query(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def triggers_on(tables: tuple[str, ...]) -> None:
    """Nothing is done about them."""


def as_replica(tables: tuple[str, ...]) -> None:
    execute("SET LOCAL session_replication_role = replica")


def triggers_disabled(tables: tuple[str, ...]) -> None:
    for table in tables:
        execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")


def triggers_dropped(tables: tuple[str, ...]) -> None:
    for trigger, table in query(_TRIGGERS, list(tables)):
        execute(f"DROP TRIGGER {trigger} ON {table}")


def triggers_of_replicas(tables: tuple[str, ...]) -> None:
    for trigger, table in query(_TRIGGERS, list(tables)):
        execute(f"ALTER TABLE {table} ENABLE REPLICA TRIGGER {trigger}")


def triggers_emptied(tables: tuple[str, ...]) -> None:
    for (function,) in query(_FUNCTIONS, list(tables)):
        execute(_EMPTY.format(function))


# The first one lets everything through that is the owner's to do.
WAYS = (triggers_disabled, triggers_dropped, triggers_of_replicas, triggers_emptied, triggers_on, as_replica)


def tamper(ground: Ground, *, tries: int, chance: random.Random) -> Tally:
    """As the owner: each act by a way past what guards the tables, then any by any way. Refused or found."""
    tally = Tally()
    for act in ground.acts:
        for _ in range(PATIENCE):
            if not tally.acts[act.__name__]:
                _try(ground, act, WAYS[0], chance, tally)
    tally.problems += [f"{act.__name__} was never got through" for act in ground.acts if not tally.acts[act.__name__]]
    while tally.tries < tries:
        _try(ground, chance.choice(ground.acts), chance.choice(WAYS), chance, tally)
    return tally


def intrude(ground: Ground, *, tries: int, chance: random.Random) -> Tally:
    """As the application: whatever changes what is written must be refused; what only adds may be found instead."""
    tally = Tally()
    for number in range(tries):
        act = ground.acts[number % len(ground.acts)]
        before = tally.found
        _try(ground, act, chance.choice(WAYS), chance, tally)
        if tally.found > before:
            tally.problems.append(f"{act.__name__} was not refused")
    for number in range(max(tries // 10, len(ground.additions))):
        _try(ground, ground.additions[number % len(ground.additions)], triggers_on, chance, tally)
    return tally


def _try(ground: Ground, act: Act, way: Callable[[tuple[str, ...]], None], chance: random.Random, tally: Tally) -> None:
    """Counts nothing where nothing was changed."""
    before = _sums(ground.tables)
    try:
        with _taken_back():
            way(ground.tables)
            act(chance)
            execute("SET CONSTRAINTS ALL IMMEDIATE")
            if _sums(ground.tables) == before:
                return
            if ground.holds():
                tally.problems.append(f"{act.__name__}, {way.__name__}: nobody noticed")
            else:
                tally.found += 1
                tally.acts[act.__name__] += 1
    except DatabaseError as refusal:
        code = getattr(refusal.__cause__, "pgcode", None) or ""
        if code.startswith(_REFUSALS):
            tally.refused += 1
        else:
            tally.problems.append(f"{act.__name__}, {way.__name__}: {refusal}")


@contextmanager
def _taken_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _sums(tables: Sequence[str]) -> list[tuple[Any, ...]]:
    """What the tables hold, as a number that any change makes another one; nothing for one that is not there."""
    there = [table for table in tables if query("SELECT to_regclass(%s) IS NOT NULL", table)[0][0]]
    return [(table, *query(_SUM.format(table))[0]) for table in there]
