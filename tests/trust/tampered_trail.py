"""What somebody could do to the audit trail, who gets past its triggers. Runs in the actor's process."""

import random
from uuid import uuid4

from django.db import transaction

from billing.audit.actor import Actor
from billing.audit.digest import digest
from billing.audit.models import GENESIS, AuditEvent
from billing.audit.record import record
from tests.trust.tampering import execute

# The platform's chain and three merchants', with so many rows whose heads were exported.
CHAINS = (None, 1, 2, 3)
KNOWN, YOUNGER = 12, 3
# A chain that nobody has.
NOBODY = 4_711
_HERE = "merchant_id IS NOT DISTINCT FROM %s AND seq"
_TEXTS = ("actor_id", "actor_label", "on_behalf_of", "request_id", "address", "action", "object_type", "object_id")
_FORGERIES = {
    **{column: f"{column} || ' '" for column in (*_TEXTS, "reason")},
    "id": "gen_random_uuid()",
    "occurred_at": "occurred_at + interval '1 microsecond'",
    "actor_kind": "CASE actor_kind WHEN 'staff' THEN 'user' ELSE 'staff' END",
    "before": "NULL",
    # Written in another way, the same for PostgreSQL.
    "after": """replace(after::text, '"amount": ', '"amount": 1')::jsonb""",
    "prev_hash": "md5(prev_hash) || md5(hash)",
    "hash": "md5(hash) || md5(prev_hash)",
}
_OTHERS = ", ".join(
    field.attname
    for field in AuditEvent._meta.concrete_fields
    if field.attname not in {"id", "merchant_id", "seq", "prev_hash", "hash"}
)


@transaction.atomic
def write(rows: int, chance: random.Random) -> None:
    """So many rows more in each chain."""
    for chain in CHAINS:
        for number in range(rows):
            record(
                merchant_id=chain,
                actor=Actor("user", str(chance.randint(1, 99)), chance.choice(["Ada", "Grace", "Édith"]), "req_1"),
                action=chance.choice(["refund.issued", "note.written", "role.given"]),
                object_type="payment",
                object_id=f"pay_{chance.randint(1, 10**6)}",
                before={"amount": number},
                after={"amount": chance.randint(1, 10**6), "tags": [number]},
                reason="Asked for.",
            )


def _place(chance: random.Random) -> tuple[int | None, int]:
    """A chain, and a row of it that an exported head knows."""
    return chance.choice(CHAINS), chance.randint(1, KNOWN)


def _rows(chain: int | None) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(merchant_id=chain).order_by("seq"))


def _rewrite(chain: int | None, seq: int) -> None:
    """Hashes every row from seq on anew."""
    rows = _rows(chain)
    last = rows[seq - 2].hash if seq > 1 else GENESIS
    for row in rows[seq - 1 :]:
        row.prev_hash = last
        last = row.hash = digest(row)
        row.save(update_fields=["prev_hash", "hash"])


def _without_backstops() -> None:
    execute("ALTER TABLE audit_event DROP CONSTRAINT audit_seq_once, DROP CONSTRAINT audit_no_fork")


def a_column_is_changed(chance: random.Random) -> None:
    column = chance.choice(sorted(_FORGERIES))
    execute(f"UPDATE audit_event SET {column} = {_FORGERIES[column]} WHERE {_HERE} = %s", *_place(chance))


def a_row_is_deleted(chance: random.Random) -> None:
    execute(f"DELETE FROM audit_event WHERE {_HERE} = %s", *_place(chance))


def some_rows_are_deleted(chance: random.Random) -> None:
    chain, first = _place(chance)
    execute(f"DELETE FROM audit_event WHERE {_HERE} BETWEEN %s AND %s", chain, first, first + chance.randint(0, 4))


def the_tail_is_cut(chance: random.Random) -> None:
    execute(f"DELETE FROM audit_event WHERE {_HERE} >= %s", *_place(chance))


def a_chain_is_deleted(chance: random.Random) -> None:
    execute(f"DELETE FROM audit_event WHERE {_HERE} > 0", chance.choice(CHAINS))


def all_is_truncated(chance: random.Random) -> None:
    execute("TRUNCATE audit_event")


def two_rows_swap_contents(chance: random.Random) -> None:
    chain, (one, other) = chance.choice(CHAINS), chance.sample(range(1, KNOWN + 1), 2)
    execute(
        f"""UPDATE audit_event AS here SET ({_OTHERS}) = (
                SELECT {_OTHERS} FROM audit_event AS there
                 WHERE there.merchant_id IS NOT DISTINCT FROM here.merchant_id AND there.seq = %s + %s - here.seq)
             WHERE {_HERE} IN (%s, %s)""",
        *(one, other, chain, one, other),
    )


def two_rows_swap_numbers(chance: random.Random) -> None:
    chain, (one, other) = chance.choice(CHAINS), chance.sample(range(1, KNOWN + 1), 2)
    for old, new in ((one, 10_000), (other, one), (10_000, other)):
        execute(f"UPDATE audit_event SET seq = %s WHERE {_HERE} = %s", new, chain, old)


def a_row_is_numbered_otherwise(chance: random.Random) -> None:
    chain, seq = _place(chance)
    execute(f"UPDATE audit_event SET seq = %s WHERE {_HERE} = %s", seq + chance.choice((100, 2**40)), chain, seq)


def ranks_are_closed(chance: random.Random) -> None:
    chain, gone = _place(chance)
    last = len(_rows(chain))
    execute(f"DELETE FROM audit_event WHERE {_HERE} = %s", chain, gone)
    for seq in range(gone + 1, last + 1):
        execute(f"UPDATE audit_event SET seq = seq - 1 WHERE {_HERE} = %s", chain, seq)


def ranks_are_closed_with_new_hashes(chance: random.Random) -> None:
    chain, gone = _place(chance)
    later = _rows(chain)[gone:]
    execute(f"DELETE FROM audit_event WHERE {_HERE} = %s", chain, gone)
    for row in later:
        AuditEvent.objects.filter(pk=row.pk).update(seq=row.seq - 1)
    _rewrite(chain, gone)


def a_row_is_pushed_in(chance: random.Random) -> None:
    """With a right hash of its own, as one that was always there."""
    chain, seq = _place(chance)
    for row in reversed(_rows(chain)[seq - 1 :]):
        AuditEvent.objects.filter(pk=row.pk).update(seq=row.seq + 1)
    new = _rows(chain)[0]
    new.pk, new.seq, new.action = uuid4(), seq, "role.given"
    new.prev_hash = "0" * 63 + "1"
    new.hash = digest(new)
    new.save(force_insert=True)


def a_row_is_pushed_in_with_new_hashes(chance: random.Random) -> None:
    chain, seq = _place(chance)
    rows = _rows(chain)
    _without_backstops()
    for row in reversed(rows[seq - 1 :]):
        AuditEvent.objects.filter(pk=row.pk).update(seq=row.seq + 1)
    new = rows[0]
    new.pk, new.seq, new.action, new.prev_hash = uuid4(), seq, "role.given", "e" * 64
    new.save(force_insert=True)
    _rewrite(chain, seq)


def all_is_written_anew_from_a_row_on(chance: random.Random) -> None:
    chain, seq = _place(chance)
    column = chance.choice(sorted(set(_FORGERIES) - {"prev_hash", "hash"}))
    execute(f"UPDATE audit_event SET {column} = {_FORGERIES[column]} WHERE {_HERE} = %s", chain, seq)
    _rewrite(chain, seq)


def the_tail_is_cut_and_grows_again(chance: random.Random) -> None:
    chain, seq = _place(chance)
    execute(f"DELETE FROM audit_event WHERE {_HERE} >= %s", chain, seq)
    for _ in range(KNOWN + YOUNGER):
        record(
            merchant_id=chain, actor=Actor("user", "1", "Ada"), action="note.written", object_type="x", object_id="y"
        )


def the_chain_forks(chance: random.Random) -> None:
    """Two rows after one, both with right hashes."""
    chain, seq = _place(chance)
    _without_backstops()
    row = _rows(chain)[seq - 1]
    row.pk, row.reason = uuid4(), "Never asked for."
    row.hash = digest(row)
    row.save(force_insert=True)


def a_row_is_doubled(chance: random.Random) -> None:
    chain, seq = _place(chance)
    _without_backstops()
    row = _rows(chain)[seq - 1]
    row.pk = uuid4()
    row.save(force_insert=True)


def a_row_is_given_to_another_chain(chance: random.Random) -> None:
    execute(f"UPDATE audit_event SET merchant_id = {NOBODY} WHERE {_HERE} = %s", *_place(chance))


def a_chain_is_given_away_with_new_hashes(chance: random.Random) -> None:
    chain = chance.choice(CHAINS)
    execute(f"UPDATE audit_event SET merchant_id = {NOBODY} WHERE {_HERE} > 0", chain)
    _rewrite(NOBODY, 1)


def the_table_is_replaced_by_a_copy(chance: random.Random) -> None:
    chain, seq = _place(chance)
    execute("CREATE TABLE copied (LIKE audit_event INCLUDING ALL)")
    execute(f"INSERT INTO copied SELECT * FROM audit_event WHERE NOT ({_HERE} = %s)", chain, seq)
    execute("ALTER TABLE audit_event RENAME TO put_away")
    execute("ALTER TABLE copied RENAME TO audit_event")


def the_table_is_replaced_by_a_view(chance: random.Random) -> None:
    chain, seq = _place(chance)
    execute("ALTER TABLE audit_event RENAME TO put_away")
    execute(f"CREATE VIEW audit_event AS SELECT * FROM put_away WHERE NOT ({_HERE} = %s)", chain, seq)


def the_table_is_dropped(chance: random.Random) -> None:
    execute("DROP TABLE audit_event")


ACTS = (
    *(a_column_is_changed, a_row_is_deleted, some_rows_are_deleted, the_tail_is_cut, a_chain_is_deleted),
    *(all_is_truncated, two_rows_swap_contents, two_rows_swap_numbers, a_row_is_numbered_otherwise, ranks_are_closed),
    *(ranks_are_closed_with_new_hashes, a_row_is_pushed_in, a_row_is_pushed_in_with_new_hashes),
    *(all_is_written_anew_from_a_row_on, the_tail_is_cut_and_grows_again, the_chain_forks, a_row_is_doubled),
    *(a_row_is_given_to_another_chain, a_chain_is_given_away_with_new_hashes, the_table_is_replaced_by_a_copy),
    *(the_table_is_replaced_by_a_view, the_table_is_dropped),
)


def _next(chain: int | None) -> AuditEvent:
    """A row as it could follow the last one."""
    row = _rows(chain)[-1]
    row.pk, row.seq, row.prev_hash, row.action = uuid4(), row.seq + 1, row.hash, "role.given"
    return row


def a_wrong_hash_is_added(chance: random.Random) -> None:
    row = _next(chance.choice(CHAINS))
    row.hash = "f" * 64
    row.save(force_insert=True)


def a_row_is_added_after_a_gap(chance: random.Random) -> None:
    row = _next(chance.choice(CHAINS))
    row.seq += chance.randint(1, 10**9)
    row.hash = digest(row)
    row.save(force_insert=True)


def a_row_is_added_without_a_link(chance: random.Random) -> None:
    row = _next(chance.choice(CHAINS))
    row.prev_hash = "c" * 64
    row.hash = digest(row)
    row.save(force_insert=True)


def a_row_is_added_beside_another(chance: random.Random) -> None:
    chain, seq = _place(chance)
    row = _rows(chain)[seq - 1]
    row.pk, row.reason = uuid4(), "Never asked for."
    row.hash = digest(row)
    row.save(force_insert=True)


ADDITIONS = (
    *(a_wrong_hash_is_added, a_row_is_added_after_a_gap, a_row_is_added_without_a_link),
    a_row_is_added_beside_another,
)
