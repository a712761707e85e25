import base64
import json
from pathlib import Path
from typing import Any

import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection

from billing.audit.actor import SYSTEM
from billing.audit.digest import canonical
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


# What an export looked like when there were first ones; they must be good for years.
SECRET_KEY = "an installation's key, long enough to be one, and kept"
EXPORT = (
    '{"exported_at":"2026-11-30T01:38:12+00:00","format":"counterfoil-audit-heads-1","heads":[{"hash":"'
    + "a" * 64
    + '","merchant_id":null,"rows":2},{"hash":"'
    + "b" * 64
    + '","merchant_id":1,"rows":8}],"signature":"DPxb88nh12kzBZspLN3SXLUNXkpq3wP/eWlEi1CaduULsbPMTUrrnFcYnZLuuD79cH9R95'
    + 'AIQpycXUfdS1qiCA=="}\n'
)


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


def test_an_export_of_an_earlier_version_reads_back(file: Path, settings: Any) -> None:
    settings.SECRET_KEY = SECRET_KEY
    file.write_text(EXPORT)
    assert read_heads(file) == HEADS


def test_an_export_says_when_it_was_made_and_is_the_same_at_the_same_time(file: Path, settings: Any) -> None:
    settings.SECRET_KEY = SECRET_KEY
    with time_machine.travel("2026-11-30T01:38:12.345678+00:00", tick=False):
        append_heads(file, HEADS)
    assert file.read_text() == EXPORT


@pytest.mark.parametrize("at", [0, 40, 88])
@pytest.mark.parametrize("more", [" ", "!", "-", "=", "é"])
def test_a_signature_has_one_spelling(file: Path, settings: Any, at: int, more: str) -> None:
    settings.SECRET_KEY = SECRET_KEY
    head, _, signature = EXPORT.rpartition('"signature":"')
    file.write_text(f'{head}"signature":"{signature[:at]}{more}{signature[at:]}')
    with pytest.raises(HeadsUnreadable):
        read_heads(file)


def test_a_format_of_another_version_is_refused_though_it_is_signed(file: Path, settings: Any) -> None:
    settings.AUDIT_SIGNING_KEY = KEY
    content = {"exported_at": "2030-01-01T00:00:00+00:00", "format": "counterfoil-audit-heads-2", "heads": []}
    key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(KEY))
    signature = base64.b64encode(key.sign(canonical(content).encode())).decode()
    file.write_text(json.dumps({**content, "signature": signature}))
    with pytest.raises(HeadsUnreadable, match="a format that this version does not know"):
        read_heads(file)


def test_keys_are_written_as_addresses_may_hold_them(file: Path, settings: Any) -> None:
    settings.AUDIT_SIGNING_KEY = "-_" * 21 + "-="
    append_heads(file, HEADS)
    assert read_heads(file) == HEADS


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
