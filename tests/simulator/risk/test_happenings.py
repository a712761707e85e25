"""What each test card brings about, and what refunds mean for open disputes."""

import pytest

from simulator.risk.happenings import can_refund
from tests.simulator.risk.charges import change, paid
from tests.simulator.risk.claims import answered, caused, disputed, moved, now
from tests.simulator.worlds import ACCOUNT, World


@pytest.mark.parametrize(
    ("name", "status", "reason", "code"),
    [
        ("dispute.fraudulent", "needs_response", "fraudulent", "10."),
        ("dispute.product_not_received", "needs_response", "product_not_received", "13."),
        ("dispute.inquiry", "warning_needs_response", "fraudulent", "33"),
        ("dispute.ce3_eligible", "needs_response", "fraudulent", "10.4"),
        ("dispute.compliance", "needs_response", "noncompliant", "C0"),
        ("dispute.auto_representment", "needs_response", "fraudulent", "10."),
    ],
)
def test_a_test_card_is_disputed_at_once(world: World, name: str, status: str, reason: str, code: str) -> None:
    charge = caused(world, name)
    assert charge["disputed"] is True
    [dispute] = world.get("/v1/disputes", charge=charge["id"])["data"]
    assert (dispute["status"], dispute["reason"], dispute["amount"]) == (status, reason, 10_000)
    assert dispute["payment_method_details"]["card"]["network_reason_code"].startswith(code)


def test_a_charge_can_have_several_disputes(world: World) -> None:
    charge = caused(world, "dispute.multiple", paid(world, amount=9999))
    disputes = world.get("/v1/disputes", charge=charge["id"])["data"]
    assert [dispute["amount"] for dispute in disputes] == [4999, 5000]
    assert [txn["amount"] for dispute in disputes for txn in dispute["balance_transactions"]] == [-4999, -5000]


@pytest.mark.parametrize("amount", [1, 4000, 12_000])
def test_the_amount_may_be_below_or_above_the_charge(world: World, amount: int) -> None:
    assert disputed(world, amount=amount)["balance_transactions"][0]["amount"] == -amount


def test_what_was_never_captured_is_not_disputed(world: World) -> None:
    charge = paid(world, amount_captured=6000, amount_refunded=4000)
    dispute = disputed(world, charge)
    answered(world, dispute, "losing_evidence")
    world.advance(5)
    assert [txn["amount"] for txn in now(world, dispute)["balance_transactions"]] == [-6000]


def test_disputes_are_listed_by_charge_intent_and_time(world: World) -> None:
    one = disputed(world, paid(world, payment_intent="pi_1"))
    world.advance(60)
    two = disputed(world, paid(world, payment_intent="pi_2"))
    for filters, wanted in (
        ({}, [two, one]),
        ({"charge": one["charge"]}, [one]),
        ({"payment_intent": "pi_2"}, [two]),
        ({"created": {"gt": one["created"]}}, [two]),
        ({"charge": "ch_none"}, []),
    ):
        assert world.get("/v1/disputes", **filters)["data"] == wanted
    assert world.get("/v1/disputes", status="won").error["code"] == "parameter_unknown"


def test_a_full_refund_ends_an_inquiry(world: World) -> None:
    charge = paid(world)
    dispute = disputed(world, charge, case_type="inquiry")
    caused(world, "refund", change(world, charge, disputed=True, amount_refunded=1))
    assert now(world, dispute) == dispute
    caused(world, "refund", change(world, charge, disputed=True, amount_refunded=10_000, refunded=True))
    closed = now(world, dispute)
    assert (closed["status"], closed["is_charge_refundable"]) == ("warning_closed", False)


def test_no_refund_stands_beside_a_chargeback(world: World) -> None:
    charge = paid(world)
    call = world.engine.call(ACCOUNT)
    assert can_refund(call, charge)
    dispute = disputed(world, charge)
    assert not can_refund(call, charge)
    answered(world, dispute)
    assert not can_refund(call, charge)
    moved(world, dispute, "won")
    assert can_refund(call, charge)
    disputed(world, charge, case_type="inquiry")
    assert can_refund(call, charge)


def test_what_a_failed_refund_gives_back_can_be_refunded_again(world: World) -> None:
    charge = paid(world)
    dispute = moved(world, disputed(world, charge), "won")
    caused(world, "refund", change(world, charge, disputed=True, amount_refunded=10_000, refunded=True))
    assert now(world, dispute)["is_charge_refundable"] is False
    charge = caused(world, "refund", change(world, charge, disputed=True, amount_refunded=0, refunded=False))
    assert now(world, dispute)["is_charge_refundable"] is True
    assert can_refund(world.engine.call(ACCOUNT), charge)
