import json
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from billing.audit.actor import SYSTEM
from billing.audit.heads import (
    AuditTrailBroken,
    HeadsUnreadable,
    SigningKeyMalformed,
    append_heads,
    export_heads,
    read_heads,
)
from billing.audit.record import record
from billing.audit.verify import Head

HEADS = [Head(None, 2, "a" * 64), Head(1, 8, "b" * 64)]
KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "heads.jsonl"


def test_heads_read_back(file: Path) -> None:
    append_heads(file, HEADS)
    assert read_heads(file) == HEADS


def test_every_export_of_the_file_counts(file: Path) -> None:
    append_heads(file, HEADS)
    append_heads(file, [Head(1, 9, "c" * 64)])
    assert read_heads(file) == [*HEADS, Head(1, 9, "c" * 64)]


def test_a_configured_key_signs(file: Path, settings: Any) -> None:
    settings.AUDIT_SIGNING_KEY = KEY
    append_heads(file, HEADS)
    assert read_heads(file) == HEADS
    settings.AUDIT_SIGNING_KEY = ""
    with pytest.raises(HeadsUnreadable, match="not signed by this installation"):
        read_heads(file)


def test_heads_of_another_installation_are_refused(file: Path, settings: Any) -> None:
    append_heads(file, HEADS)
    settings.SECRET_KEY = "another installation's key, long enough to be one"
    with pytest.raises(HeadsUnreadable, match="line 1 was not signed"):
        read_heads(file)


@pytest.mark.parametrize("key", ["short", "AAAA", "not base64 at all!", KEY + "AAAA"])
def test_a_malformed_key_is_refused(file: Path, settings: Any, key: str) -> None:
    settings.AUDIT_SIGNING_KEY = key
    with pytest.raises(SigningKeyMalformed):
        append_heads(file, HEADS)
    assert not file.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"heads": []},
        {"heads": [{"merchant_id": 1, "rows": 7, "hash": "b" * 64}]},
        {"exported_at": "2020-01-01T00:00:00+00:00"},
        {"format": "counterfoil-audit-heads-2"},
        {"more": 1},
    ],
)
def test_a_changed_line_is_refused(file: Path, change: dict[str, Any]) -> None:
    append_heads(file, HEADS)
    append_heads(file, HEADS)
    first, second = file.read_text().splitlines()
    file.write_text(f"{first}\n{json.dumps({**json.loads(second), **change})}\n")
    with pytest.raises(HeadsUnreadable, match="line 2"):
        read_heads(file)


@pytest.mark.parametrize(
    "text",
    ["", "\n", "{}", "[]", "null", "7", "not json", '{"signature": 7}', '{"signature": "AAAA"}', '{"signature": "é"}'],
)
def test_a_file_of_something_else_is_refused(file: Path, text: str) -> None:
    file.write_text(text)
    with pytest.raises(HeadsUnreadable):
        read_heads(file)


def test_an_export_without_chains_is_an_export(file: Path) -> None:
    append_heads(file, [])
    assert read_heads(file) == []


def write(rows: int) -> str:
    """The hash of the last one."""
    written = [
        record(merchant_id=1, actor=SYSTEM, action="thing.done", object_type="thing", object_id="th_1")
        for _ in range(rows)
    ]
    return written[-1].hash


@pytest.mark.django_db
def test_every_hour_the_heads_of_all_chains_are_added_to_the_file_that_is_named(file: Path, settings: Any) -> None:
    settings.AUDIT_HEADS_FILE = str(file)
    first = write(2)
    export_heads()
    second = write(1)
    export_heads()
    assert read_heads(file) == [Head(1, 2, first), Head(1, 3, second)]


@pytest.mark.django_db
def test_without_a_file_nothing_is_exported(file: Path, settings: Any) -> None:
    settings.AUDIT_HEADS_FILE = ""
    write(1)
    export_heads()
    assert not file.exists()


@pytest.mark.django_db
@pytest.mark.as_owner
def test_no_head_of_a_broken_trail_is_signed_by_itself(file: Path, settings: Any) -> None:
    settings.AUDIT_HEADS_FILE = str(file)
    write(2)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_event DISABLE TRIGGER ALL; UPDATE audit_event SET reason = 'x' WHERE seq = 1")
    with pytest.raises(AuditTrailBroken, match="merchant 1, row 1: its content"):
        export_heads()
    assert not file.exists()
