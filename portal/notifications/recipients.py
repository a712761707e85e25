"""Who is to be told, as roles stand at this moment: whoever left, or is let go, hears no more."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from billing.access.roles import MerchantRole, StaffRole
from billing.approvals.models import Approval
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
    """Whoever asked for it, as one of the staff where they asked as such and still may be told, else as a member of the
    merchant; nobody for what no person asked for."""
    user = User.objects.filter(public_id=request.requested_by_id, disabled_at=None).first()
    if user is None:
        return []
    if request.requested_by_kind == "staff" and user.staff_role in kind.staff:
        return [Recipient(user, as_staff=True)]
    theirs = Membership.objects.filter(merchant_id=request.merchant_id, user=user, role__in=kind.members)
    return [Recipient(user, as_staff=False)] if theirs.exists() else []


def money_watchers(merchant_id: int) -> list[Recipient]:
    """Those who have to know where money went without them."""
    return _members(merchant_id, KINDS[REFUND_FAILED].members)


def others_who_watch(approval: Approval) -> list[Recipient]:
    """Those of them who neither asked for it nor decided on it."""
    knowing = {approval.requested_by_id, approval.decided_by_id}
    return [each for each in money_watchers(approval.merchant_id) if each.user.public_id not in knowing]


def _members(merchant_id: int, roles: Collection[MerchantRole]) -> list[Recipient]:
    people = User.objects.filter(
        memberships__merchant_id=merchant_id, memberships__role__in=list(roles), disabled_at=None
    )
    return [Recipient(user, as_staff=False) for user in people.order_by("pk")]


def _staff(roles: Collection[StaffRole]) -> list[Recipient]:
    people = User.objects.filter(staff_role__in=list(roles), disabled_at=None)
    return [Recipient(user, as_staff=True) for user in people.order_by("pk")]
