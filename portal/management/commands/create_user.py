"""Makes a person, or gives an existing one what is missing."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from billing.access.roles import MerchantRole, StaffRole
from billing.audit.actor import command
from billing.merchants.members import LastOwner
from billing.merchants.models import Merchant
from portal.accounts.create_person import Place, create_person, provision_authenticator
from portal.accounts.invitation import invite
from portal.accounts.user import User


class Command(BaseCommand):
    help = (
        "Makes a person with a role at a merchant, on the staff, or both. Without --password it prints a link that "
        "sets one (good once, for 48 hours). In a demonstration, --password also makes a second factor that "
        "`manage.py otp` reads."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", default="")
        parser.add_argument("--merchant", metavar="SLUG")
        parser.add_argument("--role", choices=MerchantRole.values)
        parser.add_argument("--staff", choices=StaffRole.values)
        parser.add_argument("--password")

    def handle(self, *args: Any, **options: Any) -> None:
        by = command("create_user")
        staff = StaffRole(options["staff"]) if options["staff"] else None
        try:
            user, created = create_person(
                email=options["email"],
                name=options["name"],
                place=_place(options["merchant"], options["role"]),
                staff_role=staff,
                password=options["password"],
                by=by,
            )
        except ValidationError as refused:
            raise CommandError(" ".join(refused.messages)) from None
        except LastOwner as refused:
            raise CommandError(str(refused)) from None
        self.stdout.write(f"{user.email} {'created' if created else 'exists'} ({user.public_id})")
        if options["password"] is not None:
            if settings.DEMO:
                provision_authenticator(user=user, by=by)
        else:
            self._invite(user)

    def _invite(self, user: User) -> None:
        if user.has_usable_password():
            self.stdout.write('A password is set already; "Forgot password?" on the sign-in page makes a new one.')
        else:
            self.stdout.write(f"Set a password within 48 hours: {invite(user=user)}")


def _place(slug: str | None, role: str | None) -> Place | None:
    if bool(slug) != bool(role):
        raise CommandError("--merchant and --role go together.")
    if slug is None or role is None:
        return None
    merchant = Merchant.objects.filter(slug=slug).first()
    if merchant is None:
        raise CommandError(f"There is no merchant {slug!r}. Make it with: manage.py create_merchant {slug} --name …")
    return Place(merchant, MerchantRole(role))
