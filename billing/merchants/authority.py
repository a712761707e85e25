"""What an account may do at a merchant at this moment, read anew each time: roles end, and people are let go."""

from django.contrib.auth import get_user_model
from django.db.models import QuerySet

from billing.access.roles import MerchantRole, StaffRole
from billing.access.verbs import P
from billing.compiled import Compiled
from billing.merchants.models import Membership


def role_of(account_id: str, merchant_id: int) -> MerchantRole | None:
    """By the account's public id; None for one that is disabled, or no member."""
    return next((MerchantRole(role) for (role,) in _ROLES(account_id, merchant_id)), None)


def _roles(account_id: str, merchant_id: int) -> QuerySet[Membership, tuple[str]]:
    theirs = Membership.objects.filter(merchant_id=merchant_id, user__public_id=account_id, user__disabled_at=None)
    return theirs.values_list("role")


_ROLES = Compiled(_roles)


def verbs_of(account_id: str, merchant_id: int) -> frozenset[P]:
    """As a member of the merchant and as staff together; empty for an account that is disabled or unknown."""
    role = role_of(account_id, merchant_id)
    staff = get_user_model().objects.filter(public_id=account_id, disabled_at=None).exclude(staff_role="")
    staff_role = staff.values_list("staff_role", flat=True).first()
    own = role.verbs if role else frozenset()
    return own | (StaffRole(staff_role).verbs if staff_role else frozenset())
