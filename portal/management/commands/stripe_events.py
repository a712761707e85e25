"""Prints which events an endpoint at Stripe has to send."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from billing.providers.stripe.types import EVENT_TYPES, PLATFORM_TYPES


class Command(BaseCommand):
    help = "Print the types of events that a webhook endpoint at Stripe has to send, one a line."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--platform", action="store_true", help="with those of a Connect platform's endpoint")

    def handle(self, *args: Any, **options: Any) -> None:
        for name in (*EVENT_TYPES, *(PLATFORM_TYPES if options["platform"] else ())):
            self.stdout.write(name)
