import threading

import pytest
from django.db import IntegrityError, connection, transaction

from billing.access.roles import MerchantRole
from billing.audit.models import AuditEvent
from billing.merchants.members import (
    AlreadyMember,
    LastOwner,
    change_role,
    grant_membership,
    remove_membership,
)
from billing.merchants.models import Membership, Merchant
from tests.billing.factories import TESTER, make_merchant, make_person

OWNER, SUPPORT, VIEWER = MerchantRole.OWNER, MerchantRole.SUPPORT, MerchantRole.VIEWER


@pytest.fixture
def merchant(db: None) -> Merchant:
    return make_merchant()


def grant(merchant: Merchant, role: MerchantRole = OWNER) -> Membership:
    return grant_membership(merchant=merchant, user=make_person(), role=role, by=TESTER)


def last_event() -> tuple[object, ...]:
    fields = ("merchant_id", "action", "object_type", "object_id", "before", "after", "reason")
    return AuditEvent.objects.order_by("-seq").values_list(*fields)[0]


def test_a_person_gets_a_role(merchant: Merchant) -> None:
    membership = grant(merchant, SUPPORT)
    assert membership.verbs == SUPPORT.verbs
    person = str(membership.user_id)
    assert last_event() == (merchant.pk, "membership.granted", "user", person, None, {"role": "support"}, "")


def test_granting_again_changes_nothing(merchant: Merchant) -> None:
    membership = grant(merchant)
    assert grant_membership(merchant=merchant, user=membership.user, role=OWNER, by=TESTER) == membership
    assert AuditEvent.objects.count() == 1


def test_granting_another_role_is_not_changing_it(merchant: Merchant) -> None:
    membership = grant(merchant, VIEWER)
    with pytest.raises(AlreadyMember, match="as Viewer"):
        grant_membership(merchant=merchant, user=membership.user, role=OWNER, by=TESTER)
    membership.refresh_from_db()
    assert membership.role == VIEWER


def test_one_person_belongs_to_several_merchants(merchant: Merchant) -> None:
    membership = grant(merchant)
    other = grant_membership(merchant=make_merchant(), user=membership.user, role=VIEWER, by=TESTER)
    assert (membership.role, other.role) == (OWNER, VIEWER)


def test_unknown_roles_are_refused(merchant: Merchant) -> None:
    with pytest.raises(ValueError, match="king"):
        grant_membership(merchant=merchant, user=make_person(), role="king", by=TESTER)  # type: ignore[arg-type]
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(merchant=merchant, user=make_person(), role="king")


def test_a_role_changes(merchant: Merchant) -> None:
    membership = grant(merchant, VIEWER)
    changed = change_role(membership=membership, role=SUPPORT, by=TESTER, reason="Moved desks.")
    assert changed.role == Membership.objects.get().role == SUPPORT
    person = str(membership.user_id)
    assert last_event() == (
        merchant.pk,
        "membership.role_changed",
        "user",
        person,
        {"role": "viewer"},
        {"role": "support"},
        "Moved desks.",
    )


def test_the_same_role_is_no_change(merchant: Merchant) -> None:
    change_role(membership=grant(merchant), role=OWNER, by=TESTER)
    assert AuditEvent.objects.count() == 1


def test_a_membership_ends(merchant: Merchant) -> None:
    membership = grant(merchant, SUPPORT)
    remove_membership(membership=membership, by=TESTER, reason="Left.")
    assert not Membership.objects.exists()
    person = str(membership.user_id)
    assert last_event() == (merchant.pk, "membership.removed", "user", person, {"role": "support"}, None, "Left.")


def test_ending_it_twice_is_no_error(merchant: Merchant) -> None:
    membership = grant(merchant, SUPPORT)
    again = Membership.objects.get()
    remove_membership(membership=membership, by=TESTER)
    remove_membership(membership=again, by=TESTER)
    assert AuditEvent.objects.count() == 2


def test_the_last_owner_stays(merchant: Merchant) -> None:
    membership = grant(merchant)
    grant(merchant, MerchantRole.ADMIN)
    grant(make_merchant())
    with pytest.raises(LastOwner):
        change_role(membership=membership, role=VIEWER, by=TESTER)
    with pytest.raises(LastOwner):
        remove_membership(membership=membership, by=TESTER)
    assert Membership.objects.filter(merchant=merchant, role=OWNER).count() == 1


def test_one_of_two_owners_may_go(merchant: Merchant) -> None:
    first, second = grant(merchant), grant(merchant)
    change_role(membership=first, role=VIEWER, by=TESTER)
    with pytest.raises(LastOwner):
        remove_membership(membership=second, by=TESTER)


def test_the_role_is_read_under_the_lock_and_not_from_the_caller(merchant: Merchant) -> None:
    membership = grant(merchant)
    grant(merchant)
    Membership.objects.filter(pk=membership.pk).update(role=VIEWER)
    remove_membership(membership=membership, by=TESTER)
    assert last_event()[4] == {"role": "viewer"}


def test_a_person_occurs_once_at_a_merchant(merchant: Merchant) -> None:
    membership = grant(merchant)
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(merchant=merchant, user=membership.user, role=VIEWER)


def test_two_owners_who_leave_at_once_do_not_both_succeed(committed_db: str) -> None:
    merchant = make_merchant()
    owners = [grant(merchant), grant(merchant)]
    together = threading.Barrier(2)
    refused: list[LastOwner] = []

    def leave(membership: Membership) -> None:
        try:
            together.wait(10)
            remove_membership(membership=membership, by=TESTER)
        except LastOwner as last:
            refused.append(last)
        finally:
            connection.close()

    threads = [threading.Thread(target=leave, args=[owner]) for owner in owners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(refused) == 1
    assert Membership.objects.filter(merchant=merchant).count() == 1
