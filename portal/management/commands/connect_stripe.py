"""Connects a merchant to Stripe, or to a stand-in that is allowed by COUNTERFOIL_PROCESSOR_BASES."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from billing.audit.actor import Actor, command
from billing.merchants.models import Merchant
from billing.providers import scopes
from billing.providers.base import ProviderUnavailable
from billing.providers.check import check_connection
from billing.providers.connect import AlreadyConnected, connect_stripe
from billing.providers.given import ConnectionRefused
from billing.providers.models import ProviderAccount
from billing.sync.begin import begin_sync


class Command(BaseCommand):
    help = "Connect a merchant to its Stripe account; prints the connection's id and its webhook address."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--merchant", required=True, metavar="SLUG")
        parser.add_argument("--mode", required=True, choices=["live", "test"])
        parser.add_argument("--secret-key", required=True)
        parser.add_argument("--webhook-secret", required=True)
        parser.add_argument("--account", default="", metavar="acct_…", help="a Connect account of the key's platform")
        parser.add_argument("--platform", action="store_true", help="the key's account is a Connect platform")
        parser.add_argument("--api-base", default="", metavar="URL")
        parser.add_argument("--read-later", action="store_true", help="leave the full sync to sync_account")

    def handle(self, *args: Any, **options: Any) -> None:
        merchant = Merchant.objects.filter(slug=options["merchant"]).first()
        if merchant is None:
            raise CommandError(f"There is no merchant {options['merchant']!r}. Make it with create_merchant.")
        by = command("connect_stripe")
        try:
            connection = connect_stripe(
                merchant=merchant,
                livemode=options["mode"] == "live",
                api_key=options["secret_key"],
                webhook_secret=options["webhook_secret"],
                account=options["account"],
                api_base=options["api_base"].rstrip("/"),
                is_platform=options["platform"],
                by=by,
            )
        except (ConnectionRefused, ProviderUnavailable) as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(f"connection {connection.public_id}")
        self.stdout.write(f"webhook {settings.PUBLIC_URL}/webhooks/stripe/{connection.public_id}/")
        self._begin(connection, by, read=not options["read_later"])

    def _begin(self, connection: ProviderAccount, by: Actor, *, read: bool) -> None:
        """The connection stands whatever Stripe says now; what it says goes to whoever typed the command."""
        try:
            tested = check_connection(account=connection, by=by)
        except (ProviderUnavailable, AlreadyConnected) as problem:
            self.stderr.write(f"The key was not tested: {problem}")
            return
        lacking = scopes.missing(tested.granted)
        if lacking:
            self.stderr.write(f"The key may not read {scopes.in_words(lacking)}.")
        if tested.refusal:
            self.stderr.write(tested.refusal)
        elif read and not scopes.essential_missing(tested.granted):
            begin_sync(account=tested, by=by)
