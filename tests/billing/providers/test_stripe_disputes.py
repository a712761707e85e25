from datetime import UTC, datetime

import pytest

from billing.providers.base import UnreadableObject
from billing.providers.stripe.disputes import dispute
from billing.providers.stripe.objects import translate
from tests.billing.providers.stripe_objects import CHARGE, DISPUTE, REINSTATEMENT, T0, WITHDRAWAL, event

# From "nothing lost yet" to "over", as Stripe lets them follow each other within one second.
STATUSES = [
    *("warning_needs_response", "warning_under_review", "warning_closed", "needs_response", "under_review"),
    *("appeal_needs_response", "appeal_under_review", "lost", "won", "prevented"),
]


def seen(**fields):
    return dispute({**DISPUTE, **fields})


def test_a_dispute_of_today():
    it = dispute(DISPUTE)
    assert (it.external_id, it.charge_id, it.intent_id, it.reason) == ("du_1", "ch_3Rt", "pi_3Rt", "fraudulent")
    assert (it.network_reason_code, it.case_type, it.brand) == ("10.4", "chargeback", "visa")
    assert (it.submission_count, it.submission_method, it.has_evidence, it.past_due) == (1, "manual", True, True)
    assert it.due_by == datetime.fromtimestamp(T0 + 700_000, UTC)
    assert it.evidence == {"customer_name": "Ada Lovelace", "receipt": "file_1"}


def test_ranks_follow_the_life_of_a_dispute():
    ranks = [seen(status=status).rank for status in STATUSES]
    assert ranks == sorted(set(ranks))
    assert [status for status in STATUSES if seen(status=status).final] == ["warning_closed", "prevented"]
    assert all(seen(status=status).known for status in STATUSES)
    assert not seen(status="arbitration").known
    assert seen(status="under_review").rank < seen(status="arbitration").rank < seen(status="lost").rank


def test_within_a_status_what_grows_tells_the_later_snapshot():
    def rank(transactions=0, submissions=0, evidence=False, status="under_review"):
        details = {"submission_count": submissions, "has_evidence": evidence}
        return seen(status=status, balance_transactions=[WITHDRAWAL] * transactions, evidence_details=details).rank

    assert rank() < rank(evidence=True) < rank(submissions=1) < rank(submissions=1, evidence=True)
    assert rank(submissions=49, evidence=True) < rank(transactions=1) < rank(transactions=2)
    assert rank(transactions=4000, submissions=4000, evidence=True) < rank(status="appeal_needs_response")


def test_money_comes_from_the_balance_transactions_and_not_from_the_status():
    for status in STATUSES:
        assert (seen(status=status).amount_withdrawn, seen(status=status).fee) == (4200, 2000)
        assert seen(status=status, balance_transactions=[]).amount_withdrawn == 0


def test_what_came_back_is_not_withdrawn():
    it = seen(status="won", balance_transactions=[WITHDRAWAL, REINSTATEMENT])
    assert (it.amount_withdrawn, it.fee, it.balance_transaction_ids) == (0, 2000, ("txn_4", "txn_5"))
    assert seen(balance_transactions=[WITHDRAWAL, {**REINSTATEMENT, "amount": 700}]).amount_withdrawn == 3500
    assert seen(balance_transactions=[REINSTATEMENT]).amount_withdrawn == 0


def test_bare_ids_of_balance_transactions_say_no_amount():
    it = seen(balance_transactions=["txn_4", "txn_5"])
    assert (it.amount_withdrawn, it.fee, it.balance_transaction_ids) == (0, 0, ("txn_4", "txn_5"))


def test_an_account_that_settles_in_another_currency():
    """EUR 42.00 were disputed; the account lost USD 45.61, and later got USD 46.00 or a part of it back."""
    taken = {**WITHDRAWAL, "currency": "usd", "amount": -4561, "fee": 1500}
    it = seen(balance_transactions=[taken])
    assert (it.amount_withdrawn, it.currency, it.fee) == (4200, "EUR", 0)
    assert (
        seen(balance_transactions=[taken, {**REINSTATEMENT, "currency": "usd", "amount": 4600}]).amount_withdrawn == 0
    )
    part = {**REINSTATEMENT, "currency": "usd", "amount": 2280}
    assert seen(balance_transactions=[taken, part]).amount_withdrawn == 4200 * 2281 // 4561


def test_sums_that_no_column_holds_are_refused():
    with pytest.raises(UnreadableObject):
        seen(balance_transactions=[{**WITHDRAWAL, "amount": -(10**15 - 1)}] * 2)
    with pytest.raises(UnreadableObject):
        seen(balance_transactions=[{**WITHDRAWAL, "amount": "a lot"}])


@pytest.mark.parametrize("due_by", [0, None, "soon"])
def test_no_answer_is_possible(due_by):
    assert seen(evidence_details={"due_by": due_by}).due_by is None


def test_evidence_is_text_or_the_id_of_a_file():
    it = seen(evidence={"receipt": {"id": "file_9", "object": "file"}, "billing_address": "", "service_date": "x"})
    assert it.evidence == {"receipt": "file_9", "service_date": "x"}
    assert seen(evidence=None).evidence == {}
    assert seen(evidence={"uncategorized_text": "x" * 200_000}).evidence == {"uncategorized_text": "x" * 150_000}


def test_a_dispute_of_2017():
    names = ("id", "object", "amount", "charge", "created", "currency", "reason", "status", "balance_transactions")
    it = dispute({**{name: DISPUTE[name] for name in names}, "balance_transaction": "txn_4"})
    assert (it.intent_id, it.network_reason_code, it.submission_method) == ("", "", "")
    assert (it.balance_transaction_ids, it.amount_withdrawn) == (("txn_4",), 4200)


def test_a_dispute_of_2013_has_one_text_as_evidence():
    it = dispute(
        {
            "id": "dp_1",
            "object": "dispute",
            "charge": "ch_1",
            "amount": 1000,
            "currency": "usd",
            "created": T0,
            "status": "under_review",
            "reason": "general",
            "balance_transaction": "txn_1",
            "evidence_due_by": T0 + 60,
            "evidence": "Here is some evidence",
        }
    )
    assert (it.evidence, it.has_evidence) == ({"uncategorized_text": "Here is some evidence"}, True)
    assert (it.due_by, it.balance_transaction_ids) == (datetime.fromtimestamp(T0 + 60, UTC), ("txn_1",))
    assert it.amount_withdrawn == 0


def test_other_methods_have_codes_of_their_own():
    klarna = {"type": "klarna", "klarna": {"reason_code": "GOODS_NOT_RECEIVED"}}
    assert seen(payment_method_details=klarna).network_reason_code == "GOODS_NOT_RECEIVED"
    assert seen(payment_method_details=None, network_reason_code="83").network_reason_code == "83"


def test_an_expanded_charge_tells_the_intent():
    it = seen(charge=CHARGE, payment_intent=None)
    assert (it.charge_id, it.intent_id) == ("ch_3Rt", "pi_3Rt")


def test_a_dispute_about_no_payment_is_unreadable():
    with pytest.raises(UnreadableObject, match="no payment"):
        seen(charge=None, payment_intent=None)


def test_every_event_of_a_dispute_is_heard():
    for name in ("created", "updated", "closed", "funds_withdrawn", "funds_reinstated"):
        assert translate(event(f"charge.dispute.{name}", DISPUTE)) == dispute(DISPUTE)
