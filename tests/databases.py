"""Test databases: one migrated template a run and schema, cloned in milliseconds.

Append-only tables refuse the TRUNCATE of Django's transactional tests, so tests that commit get a clone of their own.
"""

import fcntl
import functools
import hashlib
import itertools
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import environ
import psycopg2
from psycopg2 import sql

ROOT = Path(__file__).resolve().parent.parent
numbers = itertools.count(1)


@contextmanager
def administration() -> Iterator["psycopg2.extensions.cursor"]:
    """A cursor of the tables' owner outside of any transaction, in the database of its URL, which tests never touch."""
    connection = psycopg2.connect(os.environ["DATABASE_OWNER_URL"])
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


def base_name() -> str:
    return str(environ.Env.db_url_config(os.environ["DATABASE_URL"])["NAME"])


def schema_fingerprint() -> str:
    """Changes with any migration, ours or a library's, and with the rights that the application gets."""
    digest = hashlib.sha256((ROOT / "requirements.txt").read_bytes())
    for file in [*sorted(ROOT.glob("*/migrations/*.py")), ROOT / "portal/database.py"]:
        digest.update(str(file.relative_to(ROOT)).encode() + file.read_bytes())
    return digest.hexdigest()[:12]


@functools.cache
def template() -> str:
    """The name of the migrated template, made by whoever comes first. Needs Django to be set up."""
    prefix = f"{base_name()}_template_"
    name = prefix + schema_fingerprint()
    with Path(tempfile.gettempdir(), f"counterfoil-{os.getuid()}-{base_name()}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with administration() as cursor:
            cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [prefix])
            present = [row[0] for row in cursor.fetchall()]
        if name not in present:
            for stale in present:
                drop(stale)
            migrate(name)
    return name


def migrate(name: str) -> None:
    """Builds the template under another name first: a run that was killed must not leave half a schema."""
    from django.core.management import call_command

    draft = f"{name}_draft"
    drop(draft)
    with administration() as cursor:
        cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(draft)))
    # Whoever comes first may be a test that connects as the owner.
    with default_at(draft), default_as("DATABASE_URL"):
        call_command("migrate", verbosity=0, interactive=False)
    with administration() as cursor:
        cursor.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(draft), sql.Identifier(name)))


def clone(label: str = "clone") -> str:
    """A fresh copy of the migrated template; its name tells which process to blame for it."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    name = f"test_{base_name()}_{worker}_{os.getpid()}_{label}_{next(numbers)}"
    with administration() as cursor:
        cursor.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY wal_log").format(
                sql.Identifier(name), sql.Identifier(template())
            )
        )
        # Rights on the database itself are not copied with it.
        cursor.execute(sql.SQL("REVOKE TEMPORARY ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))
    return name


def drop(name: str) -> None:
    """Drops a database together with the sessions in it."""
    with administration() as cursor:
        # FORCE may not end an autovacuum worker, which is no role's; a plain DROP asks it to leave and waits.
        cursor.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = %s AND backend_type = 'client backend'",
            [name],
        )
        cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))


def drop_abandoned() -> None:
    """Drops the databases of runs that were killed."""
    pattern = re.compile(rf"^test_{re.escape(base_name())}_[a-z0-9]+_(\d+)_")
    with administration() as cursor:
        cursor.execute("SELECT datname FROM pg_database")
        names = [row[0] for row in cursor.fetchall()]
    for name in names:
        found = pattern.match(name)
        if found and not Path(f"/proc/{found[1]}").exists():
            drop(name)


def url_of(name: str, *, owner: bool = False) -> str:
    """The DATABASE_URL or DATABASE_OWNER_URL of another database on the same server, for processes of a test."""
    return re.sub(r"/[^/?]+(?=$|\?)", f"/{name}", os.environ["DATABASE_OWNER_URL" if owner else "DATABASE_URL"])


@contextmanager
def default_at(name: str) -> Iterator[None]:
    """Points Django's default connection at another database, for this thread and those that it starts."""
    from django.conf import settings
    from django.db import connection, connections

    # Threads make their own connections from these settings; this thread's connection shares the same dict.
    places = (connections.settings["default"], connection.settings_dict, settings.DATABASE_OWNER)
    before = connection.settings_dict["NAME"]
    connection.close()
    for place in places:
        place["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        for place in places:
            place["NAME"] = before


@contextmanager
def default_as(url: str) -> Iterator[None]:
    """Connects Django as the role of DATABASE_URL or DATABASE_OWNER_URL, in whatever database it is pointed at."""
    from django.db import connection

    role, here = environ.Env.db_url_config(os.environ[url]), connection.settings_dict
    before = {name: here[name] for name in ("USER", "PASSWORD")}
    connection.close()
    here.update({name: role[name] for name in before})
    try:
        yield
    finally:
        connection.close()
        here.update(before)
