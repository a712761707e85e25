from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from billing.audit.actor import SYSTEM
from billing.audit.heads import read_heads
from billing.audit.record import record

# Who tampers owns the tables: the application's role is refused before.
pytestmark = [pytest.mark.django_db, pytest.mark.as_owner]


def write(rows: int, merchant_id: int | None = 1) -> None:
    for _ in range(rows):
        record(merchant_id=merchant_id, actor=SYSTEM, action="thing.done", object_type="thing", object_id="th_1")


def tamper(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE audit_event DISABLE TRIGGER ALL; {statement}")


def run(**options: Any) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    try:
        call_command("verify_audit", stdout=out, stderr=err, **options)
    except CommandError as failure:
        err.write(str(failure))
    return out.getvalue(), err.getvalue()


def test_a_whole_trail_is_counted() -> None:
    write(3)
    write(2, merchant_id=None)
    assert run() == ("The audit trail holds: 5 rows in 2 chains.\n", "")


def test_an_empty_trail_holds() -> None:
    assert run() == ("The audit trail holds: 0 rows in 0 chains.\n", "")


def test_the_first_break_of_each_chain_is_printed() -> None:
    write(3)
    write(2, merchant_id=None)
    tamper("UPDATE audit_event SET reason = 'Forged.' WHERE seq = 2")
    out, err = run()
    assert out == ""
    assert err == (
        "the platform's chain, row 2: its content is not what was hashed.\n"
        "the chain of merchant 1, row 2: its content is not what was hashed.\n"
        "The audit trail is broken in 2 of its chains."
    )


def test_a_cut_end_shows_against_exported_heads(tmp_path: Path) -> None:
    heads = tmp_path / "heads.jsonl"
    write(3)
    assert run(export_heads=heads)[1] == ""
    write(1)
    assert run(heads=heads)[1] == ""
    tamper("DELETE FROM audit_event WHERE seq >= 3")
    assert run()[1] == ""
    assert "row 3: missing, although an earlier head counted 3 rows." in run(heads=heads)[1]


def test_heads_of_a_broken_trail_are_not_exported(tmp_path: Path) -> None:
    heads = tmp_path / "heads.jsonl"
    write(2)
    tamper("DELETE FROM audit_event WHERE seq = 1")
    assert "broken" in run(export_heads=heads)[1]
    assert not heads.exists()


def test_every_run_adds_to_the_file(tmp_path: Path) -> None:
    heads = tmp_path / "heads.jsonl"
    for _ in range(2):
        write(1)
        run(export_heads=heads)
    assert [head.seq for head in read_heads(heads)] == [1, 2]


def test_files_that_cannot_be_used_get_one_clear_sentence(tmp_path: Path, settings: Any) -> None:
    missing = tmp_path / "missing.jsonl"
    assert run(heads=missing)[1] == f"{missing}: No such file or directory"
    assert run(export_heads=tmp_path)[1] == f"{tmp_path}: Is a directory"
    empty = tmp_path / "empty.jsonl"
    empty.touch()
    assert run(heads=empty)[1] == f"{empty} holds no exported heads."
    settings.AUDIT_SIGNING_KEY = "short"
    assert "32 bytes" in run(export_heads=missing)[1]
