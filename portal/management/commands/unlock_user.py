"""Opens an account that was closed: by too many wrong passwords or codes, or because nobody used it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from billing.audit.actor import command
from portal.accounts.enrol import remove_second_factor
from portal.accounts.lockout import unlock
from portal.accounts.standing import open_account
from portal.accounts.user import User


class Command(BaseCommand):
    help = "Opens a closed account at once. --lost-device also removes the second factor; the next sign-in sets it up."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--reason", required=True, help="kept in the audit trail")
        parser.add_argument("--lost-device", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email=options["email"].strip().lower()).first()
        if user is None:
            raise CommandError(f"There is no {options['email']}.")
        by = command("unlock_user")
        unlocked = unlock(user=user, by=by, reason=options["reason"])
        opened = open_account(user=user, by=by, reason=options["reason"])
        self.stdout.write(f"{user.email} is open." if unlocked or opened else f"{user.email} was open already.")
        if options["lost_device"]:
            remove_second_factor(user=user, by=by, reason=options["reason"])
            self.stdout.write("The second factor is removed; the next sign-in sets up a new one.")
