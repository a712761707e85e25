"""The directory of an installation: its lock, its keys, and the addresses that other commands find it by."""

import base64
import fcntl
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from portal.embedded.reach import refuse_foreign, refuse_full
from portal.embedded.refusal import CannotStart

HEADING = (
    "# Written at each start. Keys and lines of your own are kept; real environment variables win over all of them."
)


def open_data(data: Path) -> TextIO:
    """Makes the directory where it is missing and takes its lock, which ends with this process.

    Raises CannotStart when somebody else owns it, another launcher uses it, or its disk is full.
    """
    try:
        # Passable for root's sake, whose PostgreSQL runs as another user inside; what is secret has its own mode.
        data.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as reason:
        raise CannotStart(f"{data} is no directory: name another one with --data.") from reason
    refuse_foreign(data, uid=None)
    refuse_full(data)
    lock = (data / "lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as reason:
        lock.seek(0)
        raise CannotStart(
            f"Counterfoil already runs from {data} ({lock.read().strip() or 'starting'}): "
            "stop it first, or name another directory with --data."
        ) from reason
    lock.truncate(0)
    lock.write(f"process {os.getpid()}")
    lock.flush()
    return lock


def read_values(path: Path) -> dict[str, str]:
    """The KEY=value lines of a file, none where there is no file."""
    if not path.exists():
        return {}
    lines = (line.strip() for line in path.read_text().splitlines())
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    return {key.strip(): value.strip().strip("\"'") for key, value in pairs}


def write_values(path: Path, values: Mapping[str, str], *, heading: str = HEADING) -> None:
    """Replaces the file as a whole, readable by us only: half a file of keys would be worse than none."""
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(heading + "\n" + "".join(f"{key}={value}\n" for key, value in values.items()))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def settle_environment(data: Path, *, found: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """What the processes of this installation read; also written to <data>/environment.

    `given` are this start's values. Keys are made once and kept. What the real environment, `found`, says wins.
    """
    path = data / "environment"
    values = {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "COUNTERFOIL_FIELD_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        **read_values(path),
        **given,
    }
    values = {key: found.get(key, value) for key, value in values.items()}
    write_values(path, values)
    return values


def trim_logs(logs: Path, *, above: int = 10 * 1024 * 1024) -> None:
    """Puts logs of more than `above` bytes aside, each in place of the one before."""
    for log in logs.glob("*.log"):
        if log.stat().st_size > above:
            log.replace(log.with_suffix(".log.1"))
