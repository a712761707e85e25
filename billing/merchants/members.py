"""Gives people roles at a merchant, changes and ends them."""

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from billing.access.roles import MerchantRole
from billing.audit.actor import Actor
from billing.audit.record import record
from billing.compiled import Compiled
from billing.merchants.models import Membership, Merchant


class AlreadyMember(Exception):
    """The person has another role at this merchant; change_role() is the way."""


class LastOwner(Exception):
    """A merchant always keeps at least one owner."""


def memberships_of(user: AbstractBaseUser) -> list[Membership]:
    """Where this person belongs, by the merchants' names."""
    return _OF_PERSON(user.pk)


_OF_PERSON = Compiled(
    lambda user: Membership.objects.filter(user_id=user).select_related("merchant").order_by("merchant__name")
)


def grant_membership(*, merchant: Merchant, user: AbstractBaseUser, role: MerchantRole, by: Actor) -> Membership:
    """The person's membership, begun now unless it exists with that very role. Raises AlreadyMember."""
    role = MerchantRole(role)
    with transaction.atomic():
        _lock(merchant.pk)
        membership, created = Membership.objects.get_or_create(
            merchant=merchant, user_id=user.pk, defaults={"role": role}
        )
        if created:
            _record(membership, by, "membership.granted", after=role)
    if membership.role != role:
        held = MerchantRole(membership.role).label
        raise AlreadyMember(f"This person is already a member of {merchant.name}, as {held}.")
    return membership


def change_role(*, membership: Membership, role: MerchantRole, by: Actor, reason: str = "") -> Membership:
    """The membership with its new role; none is written when it had that role. Raises LastOwner."""
    role = MerchantRole(role)
    with transaction.atomic():
        _lock(membership.merchant_id)
        current = Membership.objects.get(pk=membership.pk)
        held = MerchantRole(current.role)
        if held == role:
            return current
        _keep_an_owner(current)
        current.role = role
        current.save(update_fields=["role"])
        _record(current, by, "membership.role_changed", before=held, after=role, reason=reason)
    return current


def remove_membership(*, membership: Membership, by: Actor, reason: str = "") -> None:
    """Ends the membership; one that has ended already is no error. Raises LastOwner."""
    with transaction.atomic():
        _lock(membership.merchant_id)
        current = Membership.objects.filter(pk=membership.pk).first()
        if current is None:
            return
        _keep_an_owner(current)
        held = MerchantRole(current.role)
        Membership.objects.filter(pk=current.pk).delete()
        _record(current, by, "membership.removed", before=held, reason=reason)


def _lock(merchant_id: int) -> None:
    # All changes of one team queue here: two owners who demote each other must not both succeed.
    Merchant.objects.select_for_update(of=("self",), no_key=True).get(pk=merchant_id)


def _keep_an_owner(membership: Membership) -> None:
    if membership.role != MerchantRole.OWNER:
        return
    owners = Membership.objects.filter(merchant_id=membership.merchant_id, role=MerchantRole.OWNER)
    if not owners.exclude(pk=membership.pk).exists():
        raise LastOwner("The last owner cannot leave or take another role: make somebody else owner first.")


def _record(
    membership: Membership,
    by: Actor,
    action: str,
    *,
    before: MerchantRole | None = None,
    after: MerchantRole | None = None,
    reason: str = "",
) -> None:
    record(
        merchant_id=membership.merchant_id,
        actor=by,
        action=action,
        object_type="user",
        object_id=str(membership.user_id),
        before={"role": before} if before else None,
        after={"role": after} if after else None,
        reason=reason,
    )
