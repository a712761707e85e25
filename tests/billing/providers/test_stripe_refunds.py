import pytest

from billing.providers.base import UnreadableObject
from billing.providers.stripe.objects import translate
from billing.providers.stripe.refunds import refund
from tests.billing.providers.stripe_objects import CHARGE, REFUND, event


def test_a_refund_of_today():
    seen = refund(REFUND)
    assert (seen.external_id, seen.charge_id, seen.intent_id) == ("re_1", "ch_3Rt", "pi_3Rt")
    assert (seen.amount, seen.currency, seen.status, seen.final) == (700, "EUR", "failed", True)
    assert (seen.balance_transaction_id, seen.failure_balance_transaction_id) == ("txn_2", "txn_3")
    assert seen.arn == "74512345678901234567890"


def test_a_refund_goes_from_pending_over_succeeded_to_failed():
    def rank(status):
        return refund({**REFUND, "status": status}).rank

    assert rank("pending") == rank("requires_action") < rank("news") < rank("succeeded") < rank("failed")
    assert rank("failed") == rank("canceled")


@pytest.mark.parametrize(
    ("status", "known", "final"),
    [
        *(("pending", True, False), ("succeeded", True, False), ("failed", True, True), ("canceled", True, True)),
        *(("news", False, False), (None, False, False)),
    ],
)
def test_a_refund_that_succeeded_can_still_fail(status, known, final):
    seen = refund({**REFUND, "status": status})
    assert (seen.status, seen.known, seen.final) == (status or "", known, final)


def test_both_names_of_the_events_are_heard():
    for kind in ("refund.created", "refund.updated", "refund.failed", "charge.refund.updated"):
        assert translate(event(kind, REFUND)) == refund(REFUND)


def test_the_state_is_the_objects_and_not_the_types():
    seen = translate(event("refund.failed", {**REFUND, "status": "succeeded"}))
    assert seen is not None
    assert (seen.status, seen.final) == ("succeeded", False)


def test_an_expanded_charge_tells_the_intent():
    seen = refund({**REFUND, "charge": CHARGE, "payment_intent": None})
    assert (seen.charge_id, seen.intent_id) == ("ch_3Rt", "pi_3Rt")


def test_a_refund_of_2017_tells_less():
    names = ("id", "object", "amount", "balance_transaction", "charge", "created", "currency", "reason", "status")
    seen = refund({name: REFUND[name] for name in names})
    assert (seen.charge_id, seen.intent_id, seen.arn, seen.failure_reason) == ("ch_3Rt", "", "", "")


def test_a_refund_of_a_cash_balance_is_of_no_payment():
    seen = refund({**REFUND, "charge": None, "payment_intent": None})
    assert (seen.charge_id, seen.intent_id) == ("", "")


def test_a_refund_gives_something_back():
    with pytest.raises(UnreadableObject, match="nothing"):
        refund({**REFUND, "amount": 0})


@pytest.mark.parametrize("name", ["id", "amount", "currency", "created"])
def test_without_these_a_refund_means_nothing(name):
    with pytest.raises(UnreadableObject):
        refund({key: value for key, value in REFUND.items() if key != name})
