"""Makes people from the command line: the only way in while sign-up is closed."""

import secrets
from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.core.validators import validate_email
from django.db import transaction

from billing.access.roles import MerchantRole, StaffRole
from billing.audit.actor import Actor
from billing.audit.record import record
from billing.merchants.members import change_role, grant_membership
from billing.merchants.models import Membership, Merchant
from portal.accounts.change_password import end_sessions
from portal.accounts.second_factor import Authenticator
from portal.accounts.user import User


@dataclass(frozen=True, slots=True)
class Place:
    """A role at a merchant."""

    merchant: Merchant
    role: MerchantRole


def create_person(
    *,
    email: str,
    name: str = "",
    place: Place | None = None,
    staff_role: StaffRole | None = None,
    password: str | None = None,
    by: Actor,
) -> tuple[User, bool]:
    """The person with that e-mail and whether they are new; an existing one gets what is missing or different.

    Raises ValidationError for an e-mail or a password that cannot be used, LastOwner for a role that must stay.
    """
    email = email.strip().lower()
    validate_email(email)
    with transaction.atomic():
        user = User.objects.select_for_update(of=("self",), no_key=True).filter(email=email).first()
        created = user is None
        if user is None:
            user = User.objects.create_user(email, name=name)
            _record(by, user, "person.created", {"email": email})
        elif not EmailAddress.objects.filter(user=user, email=email, verified=True).exists():
            # Somebody signed up with this address and never showed that it is theirs: their password must not get a
            # role that is meant for the address's owner.
            _forget_password(user, by)
        # Whoever runs the command vouches for the address.
        EmailAddress.objects.update_or_create(user=user, email=email, defaults={"verified": True, "primary": True})
        if name and user.name != name:
            user.name = name
            user.save(update_fields=["name"])
        if staff_role is not None:
            set_staff_role(user=user, role=staff_role, by=by)
        if password is not None and not user.check_password(password):
            _set_password(user, password, by)
    if place is not None:
        _place(user, place, by)
    return user, created


def set_staff_role(*, user: User, role: StaffRole | None, by: Actor) -> None:
    """None takes the person off the staff. Their sessions end: a role counts from the next sign-in."""
    with transaction.atomic():
        before = user.staff_role
        after = str(role or "")
        if before == after:
            return
        user.staff_role = after
        user.save(update_fields=["staff_role"])
        end_sessions(user=user)
        _record(by, user, "person.staff_role_changed", {"role": after}, before={"role": before})


def provision_authenticator(*, user: User, by: Actor) -> Authenticator:
    """A confirmed key without a phone, for people of a demonstration; `manage.py otp` reads its codes."""
    with transaction.atomic():
        device = Authenticator.objects.filter(user=user, confirmed=True).first()
        if device is None:
            Authenticator.objects.filter(user=user).delete()
            device = Authenticator(user=user, name="Demonstration", confirmed=True, key=secrets.token_hex(20))
            device.save(force_insert=True)
            _record(by, user, "person.authenticator_set_up", {"demonstration": True})
    return device


def _set_password(user: User, password: str, by: Actor) -> None:
    validate_password(password, user)
    user.set_password(password)
    user.save(update_fields=["password", "password_changed_at"])
    end_sessions(user=user)
    _record(by, user, "person.password_set")


def _forget_password(user: User, by: Actor) -> None:
    if not user.has_usable_password():
        return
    user.set_unusable_password()
    user.save(update_fields=["password"])
    end_sessions(user=user)
    _record(by, user, "person.password_removed")


def _place(user: User, place: Place, by: Actor) -> None:
    membership = Membership.objects.filter(user=user, merchant=place.merchant).first()
    if membership is None:
        grant_membership(merchant=place.merchant, user=user, role=place.role, by=by)
    else:
        change_role(membership=membership, role=place.role, by=by, reason="create_user")


def _record(
    by: Actor, user: User, action: str, after: dict[str, object] | None = None, before: dict[str, object] | None = None
) -> None:
    record(
        merchant_id=None,
        actor=by,
        action=action,
        object_type="user",
        object_id=user.public_id,
        before=before,
        after=after,
    )
