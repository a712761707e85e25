"""A limit changes when two people want it to."""

import pytest
from django.db import IntegrityError, connection

from billing import clock
from billing.access.roles import MerchantRole
from billing.approvals.decide import AlreadyDecided, OwnRequest, approve, expire_due, reject
from billing.audit.models import AuditEvent
from billing.limits.change import (
    ChangeEnded,
    ChangePending,
    LimitNegative,
    LimitSame,
    OthersChange,
    ReasonMissing,
    ReasonTooLong,
    ask_for_limit,
    withdraw_limit,
)
from billing.limits.models import Action, ChangeState, LimitChange
from billing.limits.queries import NONE, Limit, currencies_with_limits, default_limit, limit_of, limits_of
from billing.money import CurrencyUnknown
from tests.billing.limits.conftest import hire


@pytest.fixture
def ask(merchant, owner):
    def ask(single: int = 200_00, daily: int = 900_00, **more):
        given = {"merchant": merchant, "livemode": False, "role": MerchantRole.SUPPORT, "action": Action.REFUND}
        given |= {"currency": "EUR", "limit": Limit(single, daily), "reason": "Summer sale.", "by": owner, **more}
        return ask_for_limit(**given)

    return ask


@pytest.fixture
def limit(merchant):
    def limit(role=MerchantRole.SUPPORT, livemode=False, currency="EUR"):
        given = {"merchant_id": merchant.pk, "livemode": livemode, "role": role, "currency": currency}
        return limit_of(action=Action.REFUND, **given)

    return limit


def test_nothing_changes_until_somebody_else_approves(merchant, ask, limit):
    approval = ask()
    assert limit() == default_limit(MerchantRole.SUPPORT, Action.REFUND)
    approve(approval=approval, by=hire(merchant, MerchantRole.ADMIN))
    assert limit() == Limit(200_00, 900_00)


def test_it_is_of_one_mode_role_and_currency(merchant, ask, limit):
    approve(approval=ask(), by=hire(merchant, MerchantRole.ADMIN))
    assert limit(livemode=True) == default_limit(MerchantRole.SUPPORT, Action.REFUND)
    assert limit(currency="USD") == default_limit(MerchantRole.SUPPORT, Action.REFUND)
    assert limit(role=MerchantRole.OWNER) == default_limit(MerchantRole.OWNER, Action.REFUND)


def test_whoever_asks_does_not_approve(owner, ask, limit):
    with pytest.raises(OwnRequest):
        approve(approval=ask(), by=owner)
    assert limit() == default_limit(MerchantRole.SUPPORT, Action.REFUND)


def test_a_second_change_replaces_the_first(merchant, ask, limit):
    admin = hire(merchant, MerchantRole.ADMIN)
    approve(approval=ask(), by=admin)
    approve(approval=ask(0, 0), by=admin)
    assert limit() == Limit(0, 0)


def test_rejected_expired_or_withdrawn_it_changes_nothing(merchant, owner, ask, limit, time_machine):
    time_machine.move_to(clock.now())
    reject(approval=ask(), by=hire(merchant, MerchantRole.ADMIN), comment="Too much.")
    withdraw_limit(change=LimitChange.objects.get(public_id=ask().object_id), by=owner)
    ask()
    time_machine.shift(72 * 3600 + 1)
    assert expire_due() == 1
    states = LimitChange.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == [ChangeState.REJECTED, ChangeState.WITHDRAWN, ChangeState.EXPIRED]
    assert limit() == default_limit(MerchantRole.SUPPORT, Action.REFUND)


def test_withdrawn_it_cannot_be_approved(merchant, owner, ask):
    approval = ask()
    withdraw_limit(change=LimitChange.objects.get(), by=owner)
    with pytest.raises(AlreadyDecided):
        approve(approval=approval, by=hire(merchant, MerchantRole.ADMIN))


def test_applied_it_cannot_be_withdrawn(merchant, owner, ask):
    approve(approval=ask(), by=hire(merchant, MerchantRole.ADMIN))
    with pytest.raises(ChangeEnded):
        withdraw_limit(change=LimitChange.objects.get(), by=owner)


def test_two_changes_of_one_limit_do_not_wait_at_once(ask):
    ask()
    with pytest.raises(ChangePending):
        ask(100_00)


@pytest.mark.as_owner
def test_what_the_database_refuses_otherwise_is_no_other_change(ask):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_event ADD CONSTRAINT full_up CHECK (false) NOT VALID")
    with pytest.raises(IntegrityError, match="full_up"):
        ask()
    assert not LimitChange.objects.exists()


@pytest.mark.parametrize(
    ("more", "refused"),
    [
        ({"single": -1}, LimitNegative),
        ({"daily": -1}, LimitNegative),
        ({"single": 10_000, "daily": 50_000}, LimitSame),
        ({"reason": " "}, ReasonMissing),
        ({"reason": "x" * 501}, ReasonTooLong),
        ({"currency": "XXX"}, CurrencyUnknown),
    ],
)
def test_a_change_that_makes_no_sense_is_refused(ask, more, refused):
    with pytest.raises(refused):
        ask(**more)


def test_the_trail_tells_before_after_and_why(merchant, ask):
    approve(approval=ask(), by=hire(merchant, MerchantRole.ADMIN))
    asked = AuditEvent.objects.get(action="limit.requested")
    assert (asked.before["single"], asked.after["single"], asked.reason) == (10_000, 20_000, "Summer sale.")
    assert AuditEvent.objects.filter(action="limit.applied").exists()


def test_whoever_has_no_role_moves_nothing_alone(limit):
    assert limit(role=None) == NONE
    assert limit(role=MerchantRole.VIEWER) == NONE


def test_nobody_withdraws_what_somebody_else_asked_for(merchant, ask, limit):
    ask()
    with pytest.raises(OthersChange):
        withdraw_limit(change=LimitChange.objects.get(), by=hire(merchant, MerchantRole.ADMIN))
    assert LimitChange.objects.get().state == ChangeState.PENDING


def test_every_role_is_told_with_what_waits(merchant, ask):
    approve(approval=ask(), by=hire(merchant, MerchantRole.ADMIN))
    ask(0, 0)
    held = {each.role: each for each in limits_of(merchant, False, Action.REFUND, "EUR")}
    assert list(held) == list(MerchantRole)
    support = held[MerchantRole.SUPPORT]
    assert (support.limit, support.is_own, support.pending.single) == (Limit(200_00, 900_00), True, 0)
    owner = held[MerchantRole.OWNER]
    assert (owner.limit, owner.is_own, owner.pending) == (default_limit(MerchantRole.OWNER, Action.REFUND), False, None)


def test_currencies_with_limits_are_those_that_were_asked_for(merchant, ask):
    ask()
    approve(approval=ask(currency="USD"), by=hire(merchant, MerchantRole.ADMIN))
    assert currencies_with_limits(merchant, False, Action.REFUND) == ["EUR", "USD"]
    assert currencies_with_limits(merchant, True, Action.REFUND) == []
