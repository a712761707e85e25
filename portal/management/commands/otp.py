"""Prints a code of a demonstration's person."""

import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from portal.accounts.enrol import confirmed_authenticator
from portal.accounts.second_factor import Authenticator, current_step
from portal.accounts.user import User


class Command(BaseCommand):
    help = "Prints a code of a demonstration's person that has not been used yet; waits for the next one if need be."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("Codes of a real installation are in its people's authenticator apps only.")
        user = User.objects.filter(email=options["email"].strip().lower()).first()
        device = confirmed_authenticator(user) if user else None
        if device is None:
            raise CommandError(f"{options['email']} has no authenticator here.")
        self.stdout.write(unused_code(device))


def unused_code(device: Authenticator) -> str:
    """A code that signs in now. The one of the next half minute is accepted already, so waiting is rare."""
    while device.last_step > current_step():
        time.sleep(0.5)
        device.refresh_from_db(fields=["last_step"])
    return device.code(max(current_step(), device.last_step + 1))
