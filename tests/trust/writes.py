"""Whether anything in the database is different from before."""

from dataclasses import dataclass

from tests.trust.installation import Installation
from tests.trust.oracle import settle

# Of a row that a worker has in hand.
_WORKED_ON = ("state", "attempts", "next_attempt_at", "lease_token", "lease_until", "error", "processed_at")
# What looking at a page may change: when a session was last used, and from where …
MAY_CHANGE = {
    "portal_session": ("last_seen_at", "address"),
    # What comes round by itself does so whoever looks, and workers go on with what somebody asked for before.
    "scheduled_work": ("last_started_at", "last_ended_at", "runs"),
    "portal_staffvisit": ("ended_at",),
    "sync_run": (*_WORKED_ON, "phase", "cursor", "tally", "progress", "started_at", "ended_at", "end"),
    "notice_mail": _WORKED_ON,
    "refund_receipt": _WORKED_ON,
    # A processor that is not there is asked again and again.
    "money_command": (*_WORKED_ON, "command_state", "first_sent_at", "unknown_since"),
}
# … and the sessions of those who are not signed in: a half-done sign-in is dropped when they go elsewhere. Readings
# that nobody asked for begin by themselves, too, and visits end when their time is up. A form that begins, cancels or
# ends one leaves a row, a mark or a line of somebody's in the audit trail.
ROWS = {
    "portal_session": "WHERE user_id IS NOT NULL",
    "sync_run": "WHERE asked_by <> ''",
    "command_exchange": "WHERE false",
    "audit_event": "WHERE NOT (action = 'visit.ended' AND actor_kind = 'system')",
}
_TABLES = "SELECT c.oid::regclass::text FROM pg_class c WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
_TEXTS = "SELECT count(*) FROM {table} t WHERE t::text ILIKE ANY(%s)"


@dataclass(frozen=True)
class Snapshot:
    """By table: how many rows, and a sum over their contents."""

    tables: dict[str, tuple[int, int]]

    def changed(self, later: "Snapshot") -> list[str]:
        return sorted(name for name in self.tables if self.tables[name] != later.tables.get(name))


def snapshot(site: Installation) -> Snapshot:
    with site.database() as cursor:
        cursor.execute(_TABLES)
        names = sorted(name for (name,) in cursor.fetchall())
        cursor.execute(" UNION ALL ".join(_sum(name) for name in names))
        return Snapshot({name: (count, int(total)) for name, count, total in cursor.fetchall()})


def quiet(site: Installation) -> Snapshot:
    """A snapshot taken when nobody works any more."""
    settle(site, within=20)
    before = snapshot(site)
    while (after := snapshot(site)) != before:
        before = after
    return after


def tables_with(site: Installation, texts: list[str]) -> list[str]:
    """Tables in which one of these stands anywhere, also in raw bytes."""
    wanted = [f"%{text}%" for text in (*texts, *(text.encode().hex() for text in texts))]
    with site.database() as cursor:
        cursor.execute(_TABLES)
        found = []
        for (name,) in cursor.fetchall():
            cursor.execute(_TEXTS.format(table=name), [wanted])
            if cursor.fetchone()[0]:
                found.append(name)
        return found


def _sum(table: str) -> str:
    row = "".join(f" - '{column}'" for column in MAY_CHANGE.get(table, ()))
    text = f"(to_jsonb(t){row})::text" if row else "t::text"
    total = f"coalesce(sum(hashtextextended({text}, 0)::numeric), 0)"
    return f"SELECT '{table}', count(*), {total} FROM {table} t {ROWS.get(table, '')}"
