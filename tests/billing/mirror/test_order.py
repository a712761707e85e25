"""Which snapshot is shown, and when the processor has to be asked."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from billing.merchants.models import Merchant
from billing.mirror.order import FETCHED, key_of, stamp, weigh
from billing.providers.events import IntentObserved, NeutralEvent, RefundObserved
from billing.refunds.models import Refund
from billing.webhooks.handlers import Inbound, Source

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
LATER = AT + timedelta(seconds=1)
REFUND = {"pending": 0, "succeeded": 10, "failed": 20}
INTENT = {"requires_payment_method": 0, "requires_action": 20, "processing": 30, "succeeded": 100}


def refund(status: str) -> RefundObserved:
    known = status in REFUND
    return RefundObserved(
        external_id="re_1",
        status=status,
        rank=REFUND.get(status, 5),
        final=status == "failed",
        known=known,
        charge_id="ch_1",
        intent_id="",
        amount=500,
        currency="EUR",
        reason="",
        **dict.fromkeys(("failure_reason", "pending_reason", "arn", "balance_transaction_id"), ""),
        failure_balance_transaction_id="",
        description="",
        created_at=AT,
        metadata={},
    )


def intent(status: str) -> IntentObserved:
    texts = ("description", "statement_descriptor", "customer_id", "receipt_email", "cancellation_reason")
    return IntentObserved(
        external_id="pi_1",
        status=status,
        rank=INTENT[status],
        final=status == "succeeded",
        known=True,
        amount=500,
        amount_received=0,
        currency="EUR",
        created_at=AT,
        failed=False,
        **dict.fromkeys((*texts, "failure_code", "decline_code", "failure_message"), ""),
        metadata={},
    )


def told(event: NeutralEvent, at: datetime = AT, *, id_: str = "evt_5", type_: str = "x.updated") -> Inbound:
    return Inbound(1, id_, None, Merchant(), False, type_, at, event)


def asked(event: NeutralEvent, at: datetime = AT, **fields: Any) -> Inbound:
    return Inbound(-1, "", None, Merchant(), False, "x.fetched", at, event, source=Source.REFETCH, **fields)


def shows(item: Inbound) -> Refund:
    row = Refund()
    stamp(row, item)
    return row


def test_the_first_snapshot_is_shown_without_a_doubt():
    weighing = weigh(Refund(), told(refund("pending")), same=False)
    assert (weighing.applies, weighing.doubt) == (True, "")


def test_a_state_without_a_word_is_asked_for():
    assert weigh(Refund(), told(refund("reversed")), same=False).doubt == "unknown state"
    assert weigh(shows(told(refund("pending"))), told(refund("reversed"), LATER), same=False).doubt == "unknown state"


def test_later_and_further_on_is_no_doubt():
    weighing = weigh(shows(told(refund("pending"))), told(refund("succeeded"), LATER), same=False)
    assert (weighing.applies, weighing.doubt) == (True, "")


def test_within_a_second_a_rank_decides_where_there_is_no_way_back():
    ahead, behind = told(refund("succeeded"), id_="evt_1"), told(refund("pending"), id_="evt_2")
    forwards, backwards = weigh(shows(behind), ahead, same=False), weigh(shows(ahead), behind, same=False)
    assert (forwards.applies, forwards.doubt) == (True, "")
    assert (backwards.applies, backwards.doubt) == (False, "")


@pytest.mark.parametrize(("first", "second"), [("requires_action", "processing"), ("processing", "requires_action")])
def test_within_a_second_states_with_a_way_back_are_asked_for(first, second):
    assert weigh(shows(told(intent(first))), told(intent(second)), same=False).doubt == "same second"


def test_the_event_of_its_birth_comes_first_in_its_second():
    born = told(intent("requires_payment_method"), type_="payment_intent.created", id_="evt_9")
    after = told(intent("processing"), id_="evt_1")
    assert weigh(shows(born), after, same=False).applies
    assert weigh(shows(born), after, same=False).doubt == ""
    assert not weigh(shows(after), born, same=False).applies
    assert weigh(shows(after), born, same=False).doubt == ""


def test_an_end_decides_a_second():
    weighing = weigh(shows(told(intent("requires_action"))), told(intent("succeeded")), same=False)
    assert (weighing.applies, weighing.doubt) == (True, "")


@pytest.mark.parametrize("arrives_last", ["earlier", "later"])
def test_a_step_backwards_is_asked_for_whatever_comes_last(arrives_last):
    ahead, behind = told(refund("succeeded")), told(refund("pending"), LATER)
    first, second = (ahead, behind) if arrives_last == "later" else (behind, ahead)
    assert weigh(shows(first), second, same=False).doubt == "went backwards"


@pytest.mark.parametrize("arrives_last", ["earlier", "later"])
def test_going_on_after_an_end_is_asked_for_and_not_shown(arrives_last):
    ended, went_on = told(intent("succeeded")), told(intent("processing"), LATER)
    first, second = (ended, went_on) if arrives_last == "later" else (went_on, ended)
    weighing = weigh(shows(first), second, same=False)
    assert weighing.doubt == "went on after its end"
    assert weighing.applies is (second is ended)


def test_equal_in_time_and_rank_but_not_in_content_is_asked_for():
    other = told(refund("pending"), id_="evt_6")
    assert weigh(shows(told(refund("pending"))), other, same=False).doubt == "same second"
    assert weigh(shows(told(refund("pending"))), other, same=True).doubt == ""


def test_the_same_event_again_is_no_doubt():
    assert weigh(shows(told(refund("pending"))), told(refund("pending")), same=False).doubt == ""


def test_an_answer_covers_what_was_here_when_it_was_asked_for():
    row = shows(told(refund("succeeded"), LATER))
    covering = asked(refund("pending"), AT, covers=key_of(row))
    assert weigh(row, covering, same=False).applies
    stamp(row, covering)
    assert key_of(row) == (False, LATER, 0, FETCHED)


def test_an_answer_that_an_event_overtook_is_not_shown_and_asked_for_again():
    row = shows(told(refund("pending")))
    covering = asked(refund("pending"), AT, covers=key_of(row))
    stamp(row, told(refund("failed"), LATER))
    weighing = weigh(row, covering, same=False)
    assert (weighing.applies, weighing.doubt) == (False, "overtaken")


def test_an_answer_newer_than_the_row_is_shown_whatever_its_rank():
    row = shows(told(intent("succeeded")))
    assert weigh(row, asked(intent("processing"), LATER), same=False).applies


def test_events_from_before_an_answer_are_ignored_even_ends():
    row = shows(asked(intent("processing"), LATER))
    weighing = weigh(row, told(intent("succeeded"), AT), same=False)
    assert (weighing.applies, weighing.doubt) == (False, "")


def test_a_confirmed_row_is_no_longer_unconfirmed():
    row = Refund(unconfirmed_since=AT)
    stamp(row, asked(refund("pending")))
    assert row.unconfirmed_since is None
