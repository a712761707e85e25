"""The demo's connections on both sides, kept beside the installation."""

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path

FILE = "demo-connections.json"


@dataclass(frozen=True)
class DemoConnection:
    """A merchant's door here; its key, account and webhook endpoint at the processor."""

    merchant: str
    path: str
    key: str
    account: str
    endpoint: str


def read_connections(data: Path) -> dict[str, DemoConnection]:
    """The demo's connections by merchant, none where no demo was made yet, or one of another version."""
    if not (data / FILE).exists():
        return {}
    kept, known = json.loads((data / FILE).read_text()), {field.name for field in fields(DemoConnection)}
    return {each["merchant"]: DemoConnection(**each) for each in kept if each.keys() == known}


def write_connections(data: Path, connections: Iterable[DemoConnection]) -> None:
    """Replaces the file, readable by us only."""
    draft = data / f".{FILE}.new"
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump([asdict(each) for each in connections], file, indent=1)
    draft.replace(data / FILE)
