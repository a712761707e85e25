"""Holds the figures against the rows that they sum up."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from billing.figures.rebuild import Wrong, rebuild
from billing.merchants.models import Merchant


class Command(BaseCommand):
    help = (
        "Add up payments, refunds, disputes and movements anew, print every figure that differs, and mend it. Events "
        "may be processed meanwhile."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--merchant", metavar="SLUG", help="one merchant instead of all")
        parser.add_argument("--check", action="store_true", help="mend nothing; exit with 1 when something differs")

    def handle(self, *, merchant: str | None = None, check: bool = False, **options: Any) -> None:
        merchants = Merchant.objects.order_by("slug")
        chosen = list(merchants.filter(slug=merchant) if merchant else merchants)
        if merchant and not chosen:
            raise CommandError(f"There is no merchant {merchant}.")
        count = 0
        for each in chosen:
            for wrong in rebuild(each, mend=not check):
                count += 1
                self.stdout.write(f"{each.slug} {_said(wrong)}")
        if check and count:
            raise CommandError(f"{count} {'sum is' if count == 1 else 'sums are'} wrong.")
        whose = f"{len(chosen)} {'merchant' if len(chosen) == 1 else 'merchants'}"
        self.stdout.write(f"The figures of {whose} equal their rows{'' if not count else ' again'}.")


def _said(wrong: Wrong) -> str:
    when = f"{wrong.day}" if wrong.hour is None else f"{wrong.day} hour {wrong.hour}"
    mode = "live" if wrong.livemode else "test"
    return f"{mode} {wrong.currency} {when}: {wrong.column} was {wrong.kept}, is {wrong.true}"
