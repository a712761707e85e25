"""Checks the books against themselves, and against the movements of the processors."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from billing.payouts.verify import verify_books


class Command(BaseCommand):
    help = (
        "Check that every entry of the books balances, that balances are the sums of their postings, and that the "
        "books say what movements and payouts say. Prints the first difference of each kind and exits with 1."
    )

    def handle(self, **options: Any) -> None:
        verdict = verify_books()
        for finding in verdict.findings:
            self.stderr.write(f"{finding}.")
        if verdict.findings:
            raise CommandError("The books do not hold.")
        self.stdout.write(f"The books hold: {verdict.postings} postings.")
