"""Opens a merchant; running it again with the same values changes nothing."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from billing.audit.actor import command
from billing.merchants.create import MerchantRefused, create_merchant
from billing.merchants.models import Merchant


class Command(BaseCommand):
    help = "Open a merchant. Does nothing when it exists with these very values."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="the merchant's part of page addresses, such as acme")
        parser.add_argument("--name", required=True, help="the name that people see")
        parser.add_argument("--timezone", required=True, help="IANA name, such as Europe/Paris")
        parser.add_argument("--currency", required=True, help="ISO 4217 code, such as EUR")

    def handle(self, *, slug: str, name: str, timezone: str, currency: str, **options: Any) -> None:
        existed = Merchant.objects.filter(slug=slug).exists()
        try:
            merchant = create_merchant(
                slug=slug, name=name, timezone=timezone, currency=currency, by=command("create_merchant")
            )
        except MerchantRefused as refused:
            raise CommandError(str(refused)) from None
        self.stdout.write(f"Merchant {merchant.slug} ({merchant.public_id}) {'exists' if existed else 'created'}.")
