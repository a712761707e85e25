"""Where servers may live: PostgreSQL refuses to run as root, so its files must be reachable by a humbler user."""

import hashlib
import os
import pwd
import shutil
from pathlib import Path

from portal.embedded.refusal import CannotStart

# `nobody`: exists everywhere and owns nothing.
UNPRIVILEGED = 65534
SYSTEM_HOME = Path("/var/lib/counterfoil")
MINIMUM_FREE = 200 * 1024 * 1024


def server_uid() -> int | None:
    """The user that servers run as; None means our own, which is no root."""
    return UNPRIVILEGED if os.geteuid() == 0 else None


def enterable(path: Path) -> bool:
    """Whether every directory from the root down to `path` lets other users pass."""
    path = path.resolve()
    return all(step.stat().st_mode & 0o001 for step in (path, *path.parents) if step.exists())


def place_for(data: Path, name: str) -> Path:
    """A directory for server files of the installation in `data`: inside it, or under /var/lib where it must be."""
    if server_uid() is None or enterable(data):
        return data / name
    return SYSTEM_HOME / hashlib.sha256(str(data.resolve()).encode()).hexdigest()[:16] / name


def reachable_copy(source: Path, *, label: str) -> Path:
    """`source` itself where servers can read it, else a copy under /var/lib/counterfoil.

    `source` keeps its own name inside the copy; `label` tells versions apart.
    """
    if server_uid() is None or enterable(source):
        return source
    target = SYSTEM_HOME / label / source.name
    if target.exists():
        return target
    SYSTEM_HOME.mkdir(mode=0o755, parents=True, exist_ok=True)
    target.parent.mkdir(mode=0o755, exist_ok=True)
    # Renamed into place when complete: a killed start must not leave half a server behind.
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    shutil.copytree(source, draft, symlinks=True)
    try:
        draft.rename(target)
    except OSError:
        if not target.exists():
            raise
        shutil.rmtree(draft)
    return target


def make_private(path: Path, *, uid: int | None) -> None:
    """Creates `path`, mode 0700, for the user that servers run as; its parents stay passable and ours."""
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    path.mkdir(mode=0o700, exist_ok=True)
    if uid is not None:
        os.chown(path, uid, uid)


def remove_tree(path: Path) -> None:
    """Removes a directory where there is one."""
    if path.exists():
        shutil.rmtree(path)


def refuse_foreign(path: Path, *, uid: int | None) -> None:
    """Raises CannotStart when `path` belongs to somebody else."""
    owner, expected = path.stat().st_uid, os.geteuid() if uid is None else uid
    if owner != expected:
        raise CannotStart(
            f"{path} belongs to {user_name(owner)}, not to {user_name(expected)}: "
            "start Counterfoil as the user who made it, or name another directory with --data."
        )


def refuse_full(path: Path, *, minimum: int = MINIMUM_FREE) -> None:
    """Raises CannotStart when the disk under `path` has less than `minimum` bytes left."""
    free = shutil.disk_usage(path).free
    if free < minimum:
        raise CannotStart(
            f"The disk of {path} is full: {free // 2**20} MB are free and Counterfoil needs {minimum // 2**20} MB. "
            "Free some space, or name a directory on another disk with --data."
        )


def user_name(uid: int) -> str:
    """The name behind a user id, for sentences."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"
