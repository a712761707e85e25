"""Makes the accounts that are connected to a Connect platform known here, all of them or one at a chosen merchant."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from billing.audit.actor import command
from billing.merchants.models import Merchant
from billing.platforms.adopt_all import adopt_all
from billing.platforms.join import AccountInUse, join_account
from billing.providers.adopt import AdoptionRefused
from billing.providers.base import ProviderDeclined, ProviderUnavailable
from billing.providers.models import ProviderAccount


class Command(BaseCommand):
    help = "Connect the accounts of a platform; with --account and --merchant, one of them to a merchant that exists."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--connection", required=True, metavar="con_…", help="the platform's connection")
        parser.add_argument("--account", default="", metavar="acct_…")
        parser.add_argument("--merchant", default="", metavar="SLUG")

    def handle(self, *args: Any, **options: Any) -> None:
        if bool(options["account"]) != bool(options["merchant"]):
            raise CommandError("--account and --merchant go together.")
        platform = ProviderAccount.objects.select_related("merchant").filter(public_id=options["connection"]).first()
        if platform is None:
            raise CommandError(f"There is no connection {options['connection']!r}.")
        try:
            said = self._join(platform, **options) if options["account"] else self._adopt(platform)
        except (AdoptionRefused, AccountInUse, ProviderDeclined, ProviderUnavailable) as refused:
            raise CommandError(f"Refused: {refused}") from refused
        self.stdout.write(said)

    def _adopt(self, platform: ProviderAccount) -> str:
        result = adopt_all(platform=platform, by=command("adopt_accounts"))
        return f"accounts {result.listed}, new {result.adopted}, back {result.returned}"

    def _join(self, platform: ProviderAccount, *, account: str, merchant: str, **_: Any) -> str:
        chosen = Merchant.objects.filter(slug=merchant).first()
        if chosen is None:
            raise CommandError(f"There is no merchant {merchant!r}. Make it with create_merchant.")
        joined = join_account(
            platform=platform, external_account=account, merchant=chosen, by=command("adopt_accounts")
        )
        return f"connection {joined.public_id}"
