import pytest

from billing.access.roles import VISITOR_VERBS, MerchantRole, StaffRole
from billing.access.verbs import P

EVERY_ROLE = [*MerchantRole, *StaffRole]


def test_the_roles_are_those_that_people_are_told_about() -> None:
    assert MerchantRole.values == ["owner", "admin", "finance", "support", "disputes", "developer", "viewer"]
    assert StaffRole.values == ["agent", "disputes", "fraud", "risklead", "financeops", "admin", "auditor"]


@pytest.mark.parametrize("role", EVERY_ROLE)
def test_every_role_says_what_it_is_for(role: MerchantRole | StaffRole) -> None:
    assert role.label
    assert role.sentence.endswith(".")
    assert role.sentence.count(".") == 1


@pytest.mark.parametrize("role", EVERY_ROLE)
def test_merchant_and_staff_verbs_never_mix(role: MerchantRole | StaffRole) -> None:
    assert role.verbs
    assert {verb.startswith("ops.") for verb in role.verbs} == {isinstance(role, StaffRole)}


def test_the_owner_may_all_that_any_member_may() -> None:
    assert MerchantRole.OWNER.verbs == frozenset().union(*(role.verbs for role in MerchantRole))


@pytest.mark.parametrize("role", [MerchantRole.VIEWER, MerchantRole.FINANCE, MerchantRole.DISPUTES, StaffRole.AUDITOR])
def test_those_who_only_look_change_nothing(role: MerchantRole | StaffRole) -> None:
    assert not role.verbs & {P.NOTES_WRITE, P.EVENTS_REPLAY, P.CONNECTIONS_MANAGE, P.TEAM_MANAGE}
    assert not role.verbs & {P.OPS_EVENTS_REPLAY, P.OPS_CONNECTIONS_MANAGE, P.OPS_STAFF_MANAGE}


def test_replaying_events_is_for_those_who_run_them() -> None:
    assert {role for role in MerchantRole if P.EVENTS_REPLAY in role.verbs} == {
        MerchantRole.OWNER,
        MerchantRole.ADMIN,
        MerchantRole.DEVELOPER,
    }
    assert {role for role in StaffRole if P.OPS_EVENTS_REPLAY in role.verbs} == {StaffRole.ADMIN}


def test_connections_are_for_those_who_run_the_shop() -> None:
    managers = {MerchantRole.OWNER, MerchantRole.ADMIN}
    assert {role for role in MerchantRole if P.CONNECTIONS_MANAGE in role.verbs} == managers
    assert {role for role in MerchantRole if P.CONNECTIONS_VIEW in role.verbs} == managers | {MerchantRole.DEVELOPER}
    assert {role for role in StaffRole if P.OPS_CONNECTIONS_MANAGE in role.verbs} == {StaffRole.ADMIN}
    assert {role for role in StaffRole if P.OPS_SYSTEM_VIEW in role.verbs} == {StaffRole.ADMIN, StaffRole.AUDITOR}


def test_notes_are_for_those_who_speak_with_buyers() -> None:
    writers = {MerchantRole.OWNER, MerchantRole.ADMIN, MerchantRole.SUPPORT}
    assert {role for role in MerchantRole if P.NOTES_WRITE in role.verbs} == writers


def test_money_is_given_back_by_those_who_speak_with_buyers_and_nobody_gives_it_back_by_looking_in() -> None:
    assert {role for role in MerchantRole if P.REFUND_ISSUE in role.verbs} == {
        MerchantRole.OWNER,
        MerchantRole.ADMIN,
        MerchantRole.SUPPORT,
    }
    assert P.REFUND_ISSUE not in VISITOR_VERBS


def test_what_is_authorised_is_captured_or_let_go_by_those_who_run_the_shop() -> None:
    assert {role for role in MerchantRole if P.HOLD_END in role.verbs} == {MerchantRole.OWNER, MerchantRole.ADMIN}
    assert P.HOLD_END not in VISITOR_VERBS


def test_the_second_person_is_an_owner_or_admin_or_answers_for_risk_or_books() -> None:
    assert {role for role in MerchantRole if P.APPROVALS_DECIDE in role.verbs} == {
        MerchantRole.OWNER,
        MerchantRole.ADMIN,
    }
    assert {role for role in StaffRole if P.OPS_APPROVALS_DECIDE in role.verbs} == {
        StaffRole.RISKLEAD,
        StaffRole.FINANCEOPS,
    }


def test_customers_are_for_those_who_speak_with_buyers_and_who_look_after_a_merchant() -> None:
    assert {role for role in MerchantRole if P.CUSTOMERS_VIEW in role.verbs} == {
        MerchantRole.OWNER,
        MerchantRole.ADMIN,
        MerchantRole.SUPPORT,
    }
    assert P.CUSTOMERS_VIEW in VISITOR_VERBS


def test_raw_records_are_not_for_support() -> None:
    assert P.PAYMENTS_RAW not in MerchantRole.SUPPORT.verbs
    assert P.CUSTOMER_REVEAL not in MerchantRole.DEVELOPER.verbs


@pytest.mark.parametrize("verb", P)
def test_every_verb_completes_a_refusal(verb: P) -> None:
    assert verb.label
    assert verb.label[0].islower()
    assert not verb.label.endswith(".")


def test_verbs_read_back_from_their_values() -> None:
    assert P("payments.view") is P.PAYMENTS_VIEW
    assert str(P.PAYMENTS_VIEW) == "payments.view"
    assert len({verb.value for verb in P}) == len(P)
