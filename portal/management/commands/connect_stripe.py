"""Connects a merchant to Stripe, or to a stand-in that is allowed by COUNTERFOIL_PROCESSOR_BASES."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from billing.audit.actor import command
from billing.merchants.models import Merchant
from billing.providers.connect import ConnectionRefused, connect_stripe


class Command(BaseCommand):
    help = "Connect a merchant to its Stripe account; prints the connection's id and its webhook address."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--merchant", required=True, metavar="SLUG")
        parser.add_argument("--mode", required=True, choices=["live", "test"])
        parser.add_argument("--secret-key", required=True)
        parser.add_argument("--webhook-secret", required=True)
        parser.add_argument("--account", default="", metavar="acct_…", help="a Connect account of the key's platform")
        parser.add_argument("--api-base", default="", metavar="URL")
        parser.add_argument("--platform", action="store_true", help="its door takes events of its connected accounts")

    def handle(self, *args: Any, **options: Any) -> None:
        merchant = Merchant.objects.filter(slug=options["merchant"]).first()
        if merchant is None:
            raise CommandError(f"There is no merchant {options['merchant']!r}. Make it with create_merchant.")
        try:
            connection = connect_stripe(
                merchant=merchant,
                livemode=options["mode"] == "live",
                api_key=options["secret_key"],
                webhook_secret=options["webhook_secret"],
                account=options["account"],
                api_base=options["api_base"].rstrip("/"),
                is_platform=options["platform"],
                by=command("connect_stripe"),
            )
        except ConnectionRefused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(f"connection {connection.public_id}")
        self.stdout.write(f"webhook {settings.PUBLIC_URL}/webhooks/stripe/{connection.public_id}/")
