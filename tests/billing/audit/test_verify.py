"""The verifier against somebody who owns the database: each kind of tampering is found where it was done."""

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction

from billing import clock
from billing.audit.digest import digest
from billing.audit.models import GENESIS, AuditEvent
from billing.audit.verify import Break, Head, Verdict, start_of, verify_all, verify_chain, verify_part
from tests.billing.audit.forging import ROWS, forge, rewrite_from, rows_of, triggers_off, write

# Who tampers owns the tables: the application's role is refused before.
pytestmark = [pytest.mark.django_db, pytest.mark.as_owner]

# For each column something that another writer could have put there.
FORGERIES: dict[str, Callable[[Any], Any]] = {
    "id": lambda _: uuid4(),
    "merchant_id": lambda _: 99,
    "seq": lambda seq: seq + 1000,
    "occurred_at": lambda moment: moment + timedelta(microseconds=1),
    "actor_kind": lambda _: "staff",
    "actor_id": lambda _: "8",
    "actor_label": lambda label: label + " ",
    "on_behalf_of": lambda _: "9",
    "request_id": lambda _: "",
    "address": lambda _: "203.0.113.9",
    "action": lambda _: "thing.undone",
    "object_type": lambda _: "Thing",
    "object_id": lambda _: "th_0",
    "before": lambda _: None,
    "after": lambda after: {**after, "amount": after["amount"] + 1},
    "reason": lambda _: "Forged.",
    "prev_hash": lambda _: "e" * 64,
    "hash": lambda _: "d" * 64,
}


def found(known: list[Head] | None = None) -> Break:
    verdict = verify_all(known or [])
    assert len(verdict.breaks) == 1
    return verdict.breaks[0]


def test_whole_chains_hold() -> None:
    assert verify_all() == Verdict((), ())
    last, other, platform = write()[-1], write(3, merchant_id=2)[-1], write(2, merchant_id=None)[-1]
    verdict = verify_all()
    assert verdict.breaks == ()
    assert verdict.heads == (Head(None, 2, platform.hash), Head(1, ROWS, last.hash), Head(2, 3, other.hash))
    assert verdict.rows == ROWS + 5
    assert verify_all(verdict.heads) == verdict


def test_a_chain_without_rows_holds() -> None:
    assert verify_chain(1) == Head(1, 0, GENESIS)


def test_there_is_a_forgery_for_every_column() -> None:
    assert set(FORGERIES) == {field.attname for field in AuditEvent._meta.concrete_fields}


@pytest.mark.parametrize("seq", [1, 4, ROWS])
@pytest.mark.parametrize("column", sorted(set(FORGERIES) - {"merchant_id", "seq"}))
def test_any_changed_column_is_found(column: str, seq: int) -> None:
    write()
    forge(seq, **{column: FORGERIES[column](getattr(rows_of().get(seq=seq), column))})
    assert (found().merchant_id, found().seq) == (1, seq)


@pytest.mark.parametrize("seq", [1, 4])
def test_a_renumbered_row_is_missed(seq: int) -> None:
    write()
    forge(seq, seq=1000)
    assert found() == Break(1, seq, f"missing, the next one is row {seq + 1}.")


def test_a_last_row_that_is_renumbered_is_found() -> None:
    write()
    forge(ROWS, seq=1000)
    assert found() == Break(1, ROWS, "missing, the next one is row 1000.")


def test_a_row_moved_to_another_merchant_is_found_there_and_here() -> None:
    write()
    forge(4, merchant_id=99)
    assert [(broken.merchant_id, broken.seq) for broken in verify_all().breaks] == [(1, 4), (99, 1)]


@pytest.mark.parametrize("seq", range(1, ROWS))
def test_a_deleted_row_is_missed(seq: int) -> None:
    write()
    with triggers_off():
        rows_of().filter(seq=seq).delete()
    assert found() == Break(1, seq, f"missing, the next one is row {seq + 1}.")


def test_a_deleted_row_is_missed_even_when_the_others_close_ranks() -> None:
    write()
    with triggers_off():
        rows_of().filter(seq=4).delete()
        for seq in range(5, ROWS + 1):
            rows_of().filter(seq=seq).update(seq=seq - 1)
    assert found() == Break(1, 4, "its link is not the hash of the row before.")


def test_swapped_rows_are_found() -> None:
    write()
    forge(3, seq=1000)
    forge(4, seq=3)
    forge(1000, seq=4)
    assert found() == Break(1, 3, "its link is not the hash of the row before.")


def test_swapped_contents_are_found() -> None:
    write()
    third, fourth = rows_of().get(seq=3), rows_of().get(seq=4)
    forge(3, object_id=fourth.object_id, after=fourth.after)
    forge(4, object_id=third.object_id, after=third.after)
    assert found() == Break(1, 3, "its content is not what was hashed.")


def test_a_forged_row_at_the_end_is_found() -> None:
    last = write()[-1]
    last.pk, last.seq, last.prev_hash = UUID(int=1), ROWS + 1, last.hash
    last.save(force_insert=True)
    assert found() == Break(1, ROWS + 1, "its content is not what was hashed.")


def test_a_row_before_the_first_is_found() -> None:
    row = write()[0]
    row.pk, row.seq, row.prev_hash = UUID(int=1), -1, "c" * 64
    row.hash = digest(row)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_event DROP CONSTRAINT audit_seq_from_one")
    row.save(force_insert=True)
    assert found() == Break(1, 1, "another row numbered -1 follows row 0.")


def test_a_second_row_of_one_number_is_found() -> None:
    row = write()[3]
    row.pk, row.prev_hash = UUID(int=2**128 - 1), "c" * 64
    row.hash = digest(row)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_event DROP CONSTRAINT audit_seq_once")
    row.save(force_insert=True)
    assert found() == Break(1, 5, "another row numbered 4 follows row 4.")


def test_a_cut_end_is_found_with_an_exported_head_only() -> None:
    write()
    heads = verify_all().heads
    with triggers_off():
        rows_of().filter(seq__gt=5).delete()
    assert verify_all().breaks == ()
    assert found(list(heads)) == Break(1, 6, "missing, although an earlier head counted 8 rows.")


def test_a_cut_end_is_found_with_the_newest_of_several_heads() -> None:
    write(3)
    old = verify_all().heads
    write(5)
    heads = [*old, *verify_all().heads]
    with triggers_off():
        rows_of().filter(seq__gt=5).delete()
    assert found(heads) == found(heads[::-1]) == Break(1, 6, "missing, although an earlier head counted 8 rows.")


def test_an_emptied_chain_is_found_with_an_exported_head() -> None:
    write()
    heads = list(verify_all().heads)
    with triggers_off():
        rows_of().delete()
    assert verify_all() == Verdict((), ())
    assert found(heads).seq == 1


def test_a_chain_written_anew_is_found_with_an_exported_head() -> None:
    write()
    heads = list(verify_all().heads)
    forge(4, reason="Never asked for.")
    rewrite_from(4)
    assert verify_all().breaks == ()
    assert found(heads).finding == "its hash is not the one in an earlier head: the chain was written anew."


def test_a_cut_end_that_grew_again_is_found_with_an_exported_head() -> None:
    write()
    heads = list(verify_all().heads)
    with triggers_off():
        rows_of().filter(seq__gt=5).delete()
    write(10)
    assert found(heads).seq == ROWS


def test_an_old_head_still_testifies() -> None:
    write()
    old = list(verify_all().heads)
    write()
    new = list(verify_all().heads)
    assert verify_all(old + new).breaks == ()
    forge(2, reason="Never asked for.")
    rewrite_from(2)
    # The forger replaced the newest head, but an older one was kept.
    assert found(old + list(verify_all().heads)).seq == ROWS


def test_one_broken_chain_leaves_the_others_verified() -> None:
    write(merchant_id=2)
    write()
    forge(1, reason="Forged.")
    verdict = verify_all()
    assert [head.merchant_id for head in verdict.heads] == [2]
    assert str(verdict.breaks[0]) == "the chain of merchant 1, row 1: its content is not what was hashed."


def test_a_broken_platform_chain_has_a_name() -> None:
    write(merchant_id=None)
    with triggers_off():
        rows_of(None).filter(seq=2).update(reason="Forged.")
    assert str(found()) == "the platform's chain, row 2: its content is not what was hashed."


def test_random_tampering_is_always_found() -> None:
    write(30)
    heads = [head for head in verify_all().heads if head.merchant_id == 1]
    chance = random.Random(20261120)
    columns = sorted(set(FORGERIES) - {"merchant_id", "seq"})
    for _ in range(60):
        point = transaction.savepoint()
        seq = chance.randint(1, 30)
        row = rows_of().get(seq=seq)
        match chance.choice(["update", "delete", "cut", "rewrite"]):
            case "update":
                column = chance.choice(columns)
                forge(seq, **{column: FORGERIES[column](getattr(row, column))})
            case "delete":
                with triggers_off():
                    row.delete()
            case "cut":
                with triggers_off():
                    rows_of().filter(seq__gte=seq).delete()
            case "rewrite":
                forge(seq, actor_label="Nobody")
                rewrite_from(seq)
        assert isinstance(verify_chain(1, heads), Break)
        transaction.savepoint_rollback(point)
    assert verify_chain(1, heads) == heads[0]


def test_a_part_that_breaks_is_the_last_one() -> None:
    missing = Head(1, 3, "f" * 64)
    part = verify_part(start_of(1), [missing], at_most=5)
    assert isinstance(part.outcome, Break)
    assert part.ended
    wrong = AuditEvent(merchant_id=1, seq=1, occurred_at=clock.now(), prev_hash=GENESIS, hash="0" * 64)
    wrong.save(force_insert=True)
    part = verify_part(start_of(1), at_most=1)
    assert isinstance(part.outcome, Break)
    assert part.ended


def test_what_an_earlier_head_counted_is_missed_at_the_end_only() -> None:
    write(2)
    part = verify_part(start_of(1), [Head(1, 9, "f" * 64)], at_most=1)
    assert isinstance(part.outcome, Head)
    assert not part.ended
