"""People and links for the test of signing in, made and changed in the actor's process."""

from datetime import timedelta
from functools import cache

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.core.cache import cache as limits
from django.test import Client

from billing.access.roles import MerchantRole, StaffRole
from billing.audit.actor import SYSTEM
from billing.clock import now
from billing.merchants.create import create_merchant
from billing.merchants.members import change_role
from billing.merchants.models import Membership
from portal.accounts.create_person import set_staff_role
from portal.accounts.enrol import confirmed_authenticator, remove_second_factor
from portal.accounts.invitation import Invitation, invite
from portal.accounts.second_factor import STEP_SECONDS, Authenticator, StaticCode
from portal.accounts.user import User
from tests.portal.people import PASSWORD, make_person

_ABSENT = "Zm9yIG5vYm9keSBhdCBhbGwsIG5ldmVyIG1hZGUgaGVy"


def open_guests(*, tag: str, count: int) -> list[str]:
    """E-mails of that many people with the one password, confirmed and without an authenticator."""
    emails = [f"known{number:05}@{tag}.example" for number in range(count)]
    people = [User(email=email, name="Kit", password=_hashed()) for email in emails]
    made = User.objects.bulk_create(people)
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in made
    )
    return [user.email for user in made]


def open_person(*, email: str) -> str:
    """An owner, one of two, with an authenticator and the password that is answered."""
    slug = email.partition("@")[2].partition(".")[0]
    merchant = create_merchant(slug=slug, name="Guests", timezone="Europe/Paris", currency="EUR", by=SYSTEM)
    if not Membership.objects.filter(merchant=merchant).exists():
        make_person(f"founder@{slug}.example", merchant=merchant)
    user = make_person(email, merchant=merchant)
    user.password = _hashed()
    user.save(update_fields=["password"])
    return PASSWORD


@cache
def _hashed() -> str:
    return make_password(PASSWORD)


def code_at(*, email: str, seconds: float) -> str:
    """What the app of this person shows in so many seconds."""
    device = confirmed_authenticator(User.objects.get(email=email))
    assert device
    return device.code(int(now().timestamp() + seconds) // STEP_SECONDS)


def unproved_session(*, email: str) -> str:
    """A session that says who, and holds no proof of a second factor."""
    client = Client()
    client.force_login(User.objects.get(email=email))
    return client.cookies["session"].value


def codes_made_at(*, email: str) -> str:
    """When the recovery codes of this person were made; empty without any."""
    code = StaticCode.objects.filter(user__email=email).order_by("-created_at").first()
    return code.created_at.isoformat() if code else ""


def dead_invitations(*, email: str) -> list[str]:
    """Tokens that were used, were replaced, are too old, and were never made: all as long."""
    user = User.objects.get(email=email)
    used = _token(user)
    Invitation.objects.filter(user=user).update(used_at=now())
    replaced, old = _token(user), _token(user)
    Invitation.objects.filter(user=user, used_at=None).update(expires_at=now() - timedelta(seconds=1))
    return [used, replaced, old, _ABSENT[: len(used)]]


def pending_code(*, email: str) -> str:
    """What the app shows for the authenticator that is being set up."""
    device = Authenticator.objects.get(user__email=email, confirmed=False)
    return device.code(int(now().timestamp()) // STEP_SECONDS)


def demote(*, email: str) -> None:
    """From owner to viewer of a merchant, which keeps another owner."""
    change_role(membership=Membership.objects.get(user__email=email), role=MerchantRole.VIEWER, by=SYSTEM)


def promote(*, email: str) -> None:
    set_staff_role(user=User.objects.get(email=email), role=StaffRole.ADMIN, by=SYSTEM)


def take_factor(*, email: str) -> None:
    remove_second_factor(user=User.objects.get(email=email), by=SYSTEM)


def close_account(*, email: str) -> None:
    User.objects.filter(email=email).update(disabled_at=now())


def forget_limits() -> None:
    """Empties the cache, and with it what allauth's own limits have counted."""
    limits.clear()


def _token(user: User) -> str:
    return invite(user=user).rstrip("/").rpartition("/")[2]
