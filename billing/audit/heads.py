"""Signed heads of the audit chains, to be kept where nobody who can write the database can write.

The file has a JSON line an export, newest last; every line counts, so that an older head still testifies.
"""

import base64
import json
from collections.abc import Sequence
from datetime import UTC
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from billing import clock
from billing.audit.digest import canonical
from billing.audit.verify import Head, verify_all

_FORMAT = "counterfoil-audit-heads-1"


class SigningKeyMalformed(ValueError):
    """AUDIT_SIGNING_KEY is not 32 bytes in base64."""


class HeadsUnreadable(ValueError):
    """A line of the file is no export, or its signature is not of this installation's key."""


class AuditTrailBroken(Exception):
    """A chain does not hold, so no head of it is signed; `manage.py verify_audit` names the row."""


def export_heads() -> None:
    """Add today's heads to AUDIT_HEADS_FILE, where one is named. Raises AuditTrailBroken."""
    if not settings.AUDIT_HEADS_FILE:
        return
    verdict = verify_all(())
    if verdict.breaks:
        raise AuditTrailBroken(str(verdict.breaks[0]))
    append_heads(Path(settings.AUDIT_HEADS_FILE), verdict.heads)


def append_heads(path: Path, heads: Sequence[Head]) -> None:
    """Add one signed line with these heads to the file, which is made if it is missing."""
    line = signed_line(heads)
    with path.open("a", encoding="ascii") as file:
        file.write(line)


def signed_line(heads: Sequence[Head]) -> str:
    """An export of these heads, a line of such a file. Raises SigningKeyMalformed."""
    content = {
        "format": _FORMAT,
        "exported_at": clock.now().astimezone(UTC).isoformat(timespec="seconds"),
        "heads": [{"merchant_id": head.merchant_id, "rows": head.seq, "hash": head.hash} for head in heads],
    }
    signature = _signing_key().sign(canonical(content).encode())
    return canonical({**content, "signature": base64.b64encode(signature).decode()}) + "\n"


def read_heads(path: Path) -> list[Head]:
    """All heads of all exports in the file. Raises HeadsUnreadable, also for a file without any, and OSError."""
    lines = path.read_text(encoding="ascii", errors="replace").splitlines()
    if not lines:
        raise HeadsUnreadable(f"{path} holds no exported heads.")
    return [head for number, line in enumerate(lines, start=1) for head in _read_line(line, f"{path}, line {number}")]


def _read_line(line: str, where: str) -> list[Head]:
    try:
        content = json.loads(line)
        signature = base64.b64decode(content.pop("signature"), validate=True)
        _signing_key().public_key().verify(signature, canonical(content).encode())
        known_format = content["format"] == _FORMAT
        heads = [_head(entry) for entry in content["heads"]]
    except InvalidSignature:
        raise HeadsUnreadable(f"{where} was not signed by this installation's key, or was changed.") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise HeadsUnreadable(f"{where} is not an export of audit heads.") from None
    if not known_format:
        raise HeadsUnreadable(f"{where} has a format that this version does not know.")
    return heads


def _head(entry: dict[str, Any]) -> Head:
    return Head(entry["merchant_id"], entry["rows"], entry["hash"])


def _signing_key() -> Ed25519PrivateKey:
    """The configured key; without one, a key of its own that follows from SECRET_KEY."""
    configured: str = settings.AUDIT_SIGNING_KEY
    if not configured:
        derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=_FORMAT.encode())
        return Ed25519PrivateKey.from_private_bytes(derive.derive(settings.SECRET_KEY.encode()))
    try:
        return Ed25519PrivateKey.from_private_bytes(base64.b64decode(configured, altchars=b"-_", validate=True))
    except ValueError:
        raise SigningKeyMalformed("AUDIT_SIGNING_KEY must be 32 bytes in URL-safe base64.") from None
