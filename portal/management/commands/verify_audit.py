"""Checks the audit chains, and exports or compares their signed heads."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from billing.audit.heads import HeadsUnreadable, SigningKeyMalformed, append_heads, read_heads
from billing.audit.verify import verify_all


class Command(BaseCommand):
    help = (
        "Check that no row of the audit trail was changed, removed or added afterwards. Rows cut off at the end are "
        "found only with --heads. Exits with 1 at the first break of any chain."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--heads", type=Path, metavar="FILE", help="compare with the heads exported to FILE")
        parser.add_argument(
            "--export-heads",
            type=Path,
            metavar="FILE",
            help="when all chains hold, add their signed heads to FILE, which belongs on another machine",
        )

    def handle(self, *, heads: Path | None, export_heads: Path | None, **options: Any) -> None:
        try:
            verdict = verify_all(read_heads(heads) if heads else ())
            for found in verdict.breaks:
                self.stderr.write(str(found))
            if verdict.breaks:
                raise CommandError(f"The audit trail is broken in {len(verdict.breaks)} of its chains.")
            if export_heads:
                append_heads(export_heads, verdict.heads)
        except (HeadsUnreadable, SigningKeyMalformed) as refused:
            raise CommandError(str(refused)) from None
        except OSError as failure:
            raise CommandError(f"{failure.filename}: {failure.strerror}") from None
        self.stdout.write(f"The audit trail holds: {verdict.rows} rows in {len(verdict.heads)} chains.")
