"""Reads a connected account from the processor's side, by hand."""

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from billing.audit.actor import command
from billing.providers.models import ProviderAccount
from billing.sync.models import RunKind
from billing.sync.start import NotConnected, RunUnderWay, start_run


class Command(BaseCommand):
    help = "Begin to read an account: everything, or what was created since a day; or to search, or to compare."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--connection", required=True, metavar="con_…")
        parser.add_argument("--kind", choices=RunKind.values, default=RunKind.BACKFILL.value)
        parser.add_argument("--since", metavar="YYYY-MM-DD", help="leave out what was created before that day (UTC)")

    def handle(self, *args: Any, **options: Any) -> None:
        account = ProviderAccount.objects.filter(public_id=options["connection"]).first()
        if account is None:
            raise CommandError(f"There is no connection {options['connection']!r}.")
        try:
            run = start_run(
                account=account,
                kind=RunKind(options["kind"]),
                since=_day(options["since"]),
                by=command("sync_account"),
            )
        except NotConnected:
            raise CommandError("The connection is disconnected: there is no key to ask with.") from None
        except RunUnderWay as under_way:
            raise CommandError(f"{under_way.run.public_id} is under way; stop it first, or wait.") from None
        self.stdout.write(f"run {run.public_id}")


def _day(typed: str | None) -> datetime | None:
    if not typed:
        return None
    try:
        return datetime.strptime(typed, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise CommandError(f"{typed!r} is no day. Write it like 2026-11-30.") from None
