"""Brings database, static files and demo of an installation up to date. Run as a process: it needs Django."""

import hashlib
import os
import sys
from collections.abc import Iterable
from pathlib import Path

from portal.embedded.programs import ROOT

# What a start must do again when it changes: libraries, schema, pages' files, and the demo's own making.
CONTENTS = ("requirements.txt", "*/migrations/*.py", "portal/database.py", "portal/embedded/demo.py")
SIZES = ("static/**/*",)


def fingerprint(*parts: str) -> str:
    """Changes whenever preparing again could make a difference; `parts` are the installation's own."""
    digest = hashlib.sha256("\n".join(parts).encode())
    for file in matching(CONTENTS):
        digest.update(str(file.relative_to(ROOT)).encode() + file.read_bytes())
    for file in matching(SIZES):
        facts = file.stat()
        digest.update(f"{file.relative_to(ROOT)} {facts.st_size} {facts.st_mtime_ns}".encode())
    return digest.hexdigest()


def matching(patterns: Iterable[str]) -> list[Path]:
    return [file for pattern in patterns for file in sorted(ROOT.glob(pattern)) if file.is_file()]


def prepare(*, demo: bool) -> None:
    """Migrates, collects static files and, for a demo, its merchants and people."""
    import django
    from django.core.management import call_command

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    refuse_owner(demo=demo)
    call_command("collectstatic", verbosity=0, interactive=False)
    if demo:
        from portal.embedded.demo import data_of_process, seed

        seed(data_of_process())


def refuse_owner(*, demo: bool) -> None:
    """Ends the process with a sentence where the application's role could do away with what guards the tables."""
    from portal.database import excess

    if not demo and (found := excess()):
        sys.exit(f"{found}: name its owner in DATABASE_OWNER_URL and a role that owns nothing in DATABASE_URL")


if __name__ == "__main__":
    prepare(demo="--demo" in sys.argv[1:])
