"""Who is to be told, as roles stand at this moment: whoever left, or is let go, hears no more."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from billing.access.roles import MerchantRole, StaffRole
from billing.approvals.persons import accounts_of_person
from billing.merchants.models import Membership
from portal.accounts.user import User
from portal.notifications.kinds import APPROVAL_NEEDED, KINDS, REFUND_FAILED, Kind


@dataclass(frozen=True, slots=True)
class Recipient:
    user: User
    as_staff: bool


def deciders(merchant_id: int, requested_by_id: str) -> list[Recipient]:
    """Whoever may decide what this account asked for: the person behind it may not, under any account."""
    kind, asking = KINDS[APPROVAL_NEEDED], accounts_of_person(requested_by_id)
    found = [*_members(merchant_id, kind.members), *_staff(kind.staff)]
    # Somebody who is both hears of it once, as a member.
    once = {each.user.pk: each for each in reversed(found)}
    return [each for each in once.values() if each.user.public_id not in asking]


class Request(Protocol):
    merchant_id: int
    requested_by_kind: str
    requested_by_id: str


def requester(request: Request, kind: Kind) -> list[Recipient]:
    """Whoever asked for it, as what they were when they asked, while they have a role that may be told; nobody for what
    no person asked for."""
    user = User.objects.filter(public_id=request.requested_by_id, disabled_at=None).first()
    if user is None:
        return []
    if request.requested_by_kind == "staff":
        return [Recipient(user, as_staff=True)] if user.staff_role in kind.staff else []
    theirs = Membership.objects.filter(merchant_id=request.merchant_id, user=user, role__in=kind.members)
    return [Recipient(user, as_staff=False)] if theirs.exists() else []


def money_watchers(merchant_id: int) -> list[Recipient]:
    """Those who have to know that money came back."""
    return _members(merchant_id, KINDS[REFUND_FAILED].members)


def _members(merchant_id: int, roles: Collection[MerchantRole]) -> list[Recipient]:
    people = User.objects.filter(
        memberships__merchant_id=merchant_id, memberships__role__in=list(roles), disabled_at=None
    )
    return [Recipient(user, as_staff=False) for user in people.order_by("pk")]


def _staff(roles: Collection[StaffRole]) -> list[Recipient]:
    people = User.objects.filter(staff_role__in=list(roles), disabled_at=None)
    return [Recipient(user, as_staff=True) for user in people.order_by("pk")]
