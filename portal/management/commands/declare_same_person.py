"""Says that several accounts belong to one person, so that none of them approves what another asks for."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from billing.approvals.persons import declare_same_person
from billing.audit.actor import command
from portal.accounts.user import User


class Command(BaseCommand):
    help = (
        "Declare that accounts belong to the same person: none of them approves what another asks for. Joins what was "
        "declared before; declaring it again changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("emails", nargs="+", metavar="EMAIL", help="two or more accounts of one person")

    def handle(self, *, emails: list[str], **options: Any) -> None:
        wanted = sorted({email.strip().lower() for email in emails})
        if len(wanted) < 2:
            raise CommandError("Name two different accounts or more.")
        known = dict(User.objects.filter(email__in=wanted).values_list("email", "public_id"))
        unknown = [email for email in wanted if email not in known]
        if unknown:
            raise CommandError(f"There is no {', no '.join(unknown)}. Nothing was declared.")
        changed = declare_same_person(account_ids=list(known.values()), by=command("declare_same_person"))
        said = "are one person from now on" if changed else "were one person already"
        self.stdout.write(f"{', '.join(wanted)} {said}.")
