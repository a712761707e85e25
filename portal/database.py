"""The two roles in PostgreSQL: one owns the tables and migrates them, the other is the application and owns nothing."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core import checks
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

# What is in here stays as it was written: the application may add rows and read them. The last one is a view, and what
# is added to it comes into the books.
KEPT = ("audit_event", "command_batch", "ledger_facts")
# Written as the owner alone: by `migrate`, and by what keeps the books.
OWN = ("django_migrations", "journal_entry", "ledger_account", "posting")
_ADDRESS = ("NAME", "USER", "PASSWORD", "HOST", "PORT")
_OWNED = """
SELECT relname, relkind = 'S' FROM pg_class
 WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S')
   AND relowner = (SELECT oid FROM pg_roles WHERE rolname = current_user)
 ORDER BY relname
"""
_POWERS = """
SELECT rolname, rolsuper, rolbypassrls, rolcreaterole,
       EXISTS (SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
                  AND pg_has_role(role.oid, relowner, 'MEMBER'))
  FROM pg_roles AS role WHERE rolname = current_user
"""


@contextmanager
def as_owner() -> Iterator[str]:
    """Points the default connection at DATABASE_OWNER_URL; the value is the application's role.

    It is empty where one role is both. Not inside a transaction: the connection is another one.
    """
    here, owner = connection.settings_dict, settings.DATABASE_OWNER
    before = {name: here[name] for name in _ADDRESS}
    if not owner or owner["USER"] == before["USER"]:
        yield ""
        return
    connection.close()
    here.update({name: owner[name] for name in _ADDRESS})
    try:
        yield before["USER"]
    finally:
        connection.close()
        here.update(before)


def grant(role: str) -> None:
    """Gives the application's role what it needs of the tables as they are now, and takes away all else.

    Called as the owner. Running processes see the rights of before or of after, none in between.
    """
    quote = connection.ops.quote_name
    database, role = quote(connection.settings_dict["NAME"]), quote(role)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_OWNED)
        owned = cursor.fetchall()
        tables = [name for name, is_sequence in owned if not is_sequence]
        sequences = [name for name, is_sequence in owned if is_sequence]
        # In a schema or a temporary table of one's own, triggers could be made to look at other rows.
        cursor.execute(f"REVOKE CREATE ON SCHEMA public FROM PUBLIC, {role}")
        cursor.execute(f"REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC, {role}")
        cursor.execute(f"GRANT CONNECT ON DATABASE {database} TO {role}")
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
        _on(cursor, "REVOKE ALL ON TABLE {} FROM {}", [*tables, *sequences], role)
        _on(cursor, "GRANT USAGE ON SEQUENCE {} TO {}", sequences, role)
        _on(cursor, "GRANT SELECT ON TABLE {} TO {}", tables, role)
        writable = [name for name in tables if name not in OWN]
        _on(cursor, "GRANT INSERT ON TABLE {} TO {}", writable, role)
        _on(cursor, "GRANT UPDATE, DELETE ON TABLE {} TO {}", [n for n in writable if n not in KEPT], role)


def _on(cursor: CursorWrapper, statement: str, names: Iterable[str], role: str) -> None:
    """The statement for all these tables or sequences at once."""
    quoted = ", ".join(map(connection.ops.quote_name, names))
    if quoted:
        cursor.execute(statement.format(quoted, role))


def excess() -> str:
    """What the role of this connection may do and the application should not; "" for a role that owns nothing."""
    with connection.cursor() as cursor:
        cursor.execute(_POWERS)
        role, *powers = cursor.fetchone()
    named = ("is a superuser", "passes row-level security", "may make roles", "owns the tables")
    found = [name for power, name in zip(powers, named, strict=True) if power]
    return f"the database role {role} {' and '.join(found)}" if found else ""


@checks.register(checks.Tags.database)
def check_role(databases: Iterable[str] | None = None, **_: Any) -> list[checks.CheckMessage]:
    """What `manage.py check --database default` and each `migrate` say about the application's role."""
    if not databases or connection.settings_dict["USER"] == settings.DATABASE_OWNER.get("USER"):
        return []
    found = excess()
    hint = "Name its owner in DATABASE_OWNER_URL and a role that owns nothing in DATABASE_URL (docs/operations.md)."
    return [checks.Warning(f"{found[:1].upper()}{found[1:]}.", hint=hint, id="portal.W001")] if found else []
