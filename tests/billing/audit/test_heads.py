import json
from pathlib import Path
from typing import Any

import pytest

from billing.audit.heads import HeadsUnreadable, SigningKeyMalformed, append_heads, read_heads
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
