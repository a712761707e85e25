"""People for tests: made without hashing passwords, signed in without walking through the pages."""

import itertools
from datetime import datetime

from allauth.account.models import EmailAddress
from django.test import Client
from django_otp import DEVICE_ID_SESSION_KEY

from billing.access.roles import MerchantRole, StaffRole
from billing.audit.actor import SYSTEM
from billing.clock import now
from billing.merchants.create import create_merchant
from billing.merchants.members import grant_membership
from billing.merchants.models import Merchant
from portal.accounts.create_person import provision_authenticator
from portal.accounts.session_store import FACTOR, SIGNED_IN
from portal.accounts.user import User

PASSWORD = "paper-boat-4711-x"
_numbers = itertools.count(1)


def make_merchant(slug: str = "") -> Merchant:
    slug = slug or f"shop-{next(_numbers)}"
    return create_merchant(slug=slug, name=slug.title(), timezone="Europe/Paris", currency="EUR", by=SYSTEM)


def make_person(
    email: str = "",
    *,
    merchant: Merchant | None = None,
    role: MerchantRole = MerchantRole.OWNER,
    staff_role: StaffRole | None = None,
    password: str | None = None,
) -> User:
    """With a confirmed e-mail and authenticator; hashing a password is slow, so only where one is typed."""
    email = email or f"person-{next(_numbers)}@shop.example"
    user = User.objects.create_user(email, password, name="Pat Person", staff_role=str(staff_role or ""))
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    provision_authenticator(user=user, by=SYSTEM)
    if merchant:
        grant_membership(merchant=merchant, user=user, role=role, by=SYSTEM)
    return user


def sign_in(client: Client, user: User, *, factor_at: datetime | None = None) -> Client:
    """The client with a session as the sign-in pages leave it."""
    client.force_login(user)
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = provision_authenticator(user=user, by=SYSTEM).persistent_id
    session[FACTOR] = (factor_at or now()).timestamp()
    session[SIGNED_IN] = now().timestamp()
    session.save()
    return client


def signed_in(user: User, *, factor_at: datetime | None = None) -> Client:
    return sign_in(Client(), user, factor_at=factor_at)
