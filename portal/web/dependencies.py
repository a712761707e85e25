"""What the site depends on, asked now."""

from dataclasses import dataclass

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from portal.database import excess

_DURABILITY = """
SELECT name FROM pg_settings
 WHERE name IN ('synchronous_commit', 'fsync', 'full_page_writes') AND setting = 'off' ORDER BY name
"""


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    ok: bool
    needed: bool
    detail: str = ""


def check_all() -> list[Check]:
    """PostgreSQL, its schema, and Redis, which only delays things when it is away."""
    return [_postgres(), _redis()]


def _postgres() -> Check:
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return Check("postgresql", ok=False, needed=True, detail="no answer")
    detail = f"{len(missing)} migrations are missing" if missing else _forgetful()
    powers = "" if detail else excess()
    # A demo may run on the one role that somebody has at hand.
    return Check("postgresql", ok=not detail and (not powers or settings.DEMO), needed=True, detail=detail or powers)


def _forgetful() -> str:
    """A setting by which PostgreSQL may forget what it confirmed: nothing may be acknowledged on such a promise."""
    with connection.cursor() as cursor:
        cursor.execute(_DURABILITY)
        off = [name for (name,) in cursor.fetchall()]
    return f"{' and '.join(off)} is off: confirmed events could be lost" if off else ""


def _redis() -> Check:
    if not settings.REDIS_URL:
        return Check("redis", ok=False, needed=False, detail="not configured")
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=0.5, socket_timeout=0.5) as client:
            client.ping()
    except redis.RedisError:
        return Check("redis", ok=False, needed=False, detail="no answer")
    return Check("redis", ok=True, needed=False)
