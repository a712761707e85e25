"""Fills a database of its own with a trail and books, and tries to change them. Runs in the actor's process."""

import os
import random
from io import StringIO
from pathlib import Path
from typing import Any

from django.core.management import call_command

from portal.database import as_owner
from tests.databases import default_at
from tests.trust import tampered_books, tampered_trail
from tests.trust.tampering import Ground, Tally, intrude, tamper

_BOOKS = Ground(tampered_books.TABLES, tampered_books.ACTS, tampered_books.ADDITIONS, "verify_ledger")


def tamper_with_all(*, database: str, heads: str, seed: int, tries: int) -> dict[str, dict[str, Any]]:
    """By what and as whom: how many tries there were, what was refused, found, and wrong. Without ``tries`` each act
    comes up twice."""
    chance = random.Random(f"tampered {seed}")
    grounds = {"trail": _trail(heads), "books": _BOOKS}
    told: dict[str, dict[str, Any]] = {}
    with default_at(database):
        _prepare(heads, chance)
        for name, ground in grounds.items():
            rounds = tries or 2 * len(ground.acts)
            told[f"{name}, application"] = _told(intrude(ground, tries=rounds, chance=chance), ground)
            with as_owner():
                told[f"{name}, owner"] = _told(tamper(ground, tries=rounds, chance=chance), ground)
    return told


def _trail(heads: str) -> Ground:
    options = {"heads": Path(heads)}
    return Ground(("audit_event",), tampered_trail.ACTS, tampered_trail.ADDITIONS, "verify_audit", options)


def _prepare(heads: str, chance: random.Random) -> None:
    tampered_books.write(chance, os.environ["COUNTERFOIL_PROCESSOR_BASES"])
    tampered_trail.write(tampered_trail.KNOWN, chance)
    call_command("verify_audit", export_heads=Path(heads), stdout=StringIO())
    # What came after the export is in nobody's hands yet.
    tampered_trail.write(tampered_trail.YOUNGER, chance)


def _told(tally: Tally, ground: Ground) -> dict[str, Any]:
    if not ground.holds():
        tally.problems.append(f"{ground.command} finds fault with what nobody touched")
    return {"tries": tally.tries, "refused": tally.refused, "found": tally.found, "problems": tally.problems}
