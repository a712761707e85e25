"""One command has at most one effect at the processor, whatever becomes of its calls."""

import pytest

from billing.audit.models import AuditEvent
from billing.audit.verify import Head, verify_chain
from billing.commands.carry_out import ASKED_AT, COMMANDS, HOUR, UNANSWERED_AGAIN, carry_out
from billing.commands.exchange import begin_sending
from billing.commands.models import METADATA, CommandState, MoneyCommand
from billing.outbox.models import OutboxEvent
from billing.providers.models import ConnectionStatus
from billing.queue.claim import FRESH, claim
from billing.queue.models import State
from billing.refunds.models import Refund
from tests.billing.commands.till import REFUNDS, told


@pytest.fixture
def payment(till):
    return till.sell()


def test_a_refund_is_made_once_and_known_at_once(till, payment):
    command = till.ask(payment, 500)
    till.work()
    command.refresh_from_db()
    refund = Refund.objects.get(payment=payment)
    assert command.command_state == CommandState.SUCCEEDED
    assert command.state == State.DONE
    assert refund.external_id == command.external_id == till.made(payment)[0].id
    assert told(command) == [("send", "done")]
    assert len(till.money_calls(payment)) == 1


def test_the_refund_takes_the_name_under_which_it_was_asked_for(till, payment):
    command = till.ask(payment, 500)
    till.work()
    assert Refund.objects.get(payment=payment).public_id == command.public_id


def test_events_about_it_change_nothing_more(till, payment):
    command = till.ask(payment, 500)
    till.work()
    till.hears()
    assert Refund.objects.get(payment=payment).public_id == command.public_id
    assert till.left(payment).left == 1_500
    assert AuditEvent.objects.filter(action="refund.succeeded").count() == 1


def test_the_processor_hears_amount_reason_and_key(till, payment):
    command = till.ask(payment, 500)
    till.work()
    made = till.made(payment)[0]
    assert (made.amount, made.reason) == (500, "requested_by_customer")
    assert made.metadata.to_dict() == {METADATA: str(command.key)}


def test_a_refusal_ends_it_with_the_processors_words(till, payment):
    command = till.ask(payment, 2_000)
    # Somebody is faster at the processor's own dashboard.
    till.client.v1.refunds.create({"charge": payment.external_charge_id, "amount": 1_000})
    till.work()
    command.refresh_from_db()
    assert command.command_state == CommandState.FAILED
    assert command.failure_message
    assert told(command) == [("send", "declined")]
    assert AuditEvent.objects.filter(action="refund.failed", object_id=command.public_id).exists()


def test_a_key_that_is_refused_ends_it(till, payment):
    command = till.ask(payment, 500)
    till.fails("error", status=401, body='{"error": {"type": "invalid_request_error", "message": "no such key"}}')
    till.work()
    command.refresh_from_db()
    assert (command.command_state, command.failure_code) == (CommandState.FAILED, "access_refused")


def test_a_key_that_is_refused_later_says_nothing_of_what_was_sent_before(till, payment):
    command = till.ask(payment, 500)
    till.fails("reset")
    till.work()
    till.fails(
        "error", status=403, kept=False, body='{"error": {"type": "invalid_request_error", "message": "may not"}}'
    )
    till.later(seconds=11)
    command.refresh_from_db()
    assert command.command_state == CommandState.UNKNOWN
    assert told(command) == [("send", "unclear"), ("ask", "not_found"), ("send", "not_executed")]
    till.later(minutes=1)
    command.refresh_from_db()
    assert command.command_state == CommandState.SUCCEEDED


@pytest.mark.parametrize(
    "fault", [{"kind": "rate_limit"}, {"kind": "error", "status": 409, "kept": False}], ids=["429", "409"]
)
def test_what_was_not_carried_out_goes_out_again_with_its_key(till, payment, fault):
    command = till.ask(payment, 500)
    till.fails(**fault)
    till.work()
    command.refresh_from_db()
    assert command.command_state == CommandState.SENDING
    till.later(seconds=10)
    command.refresh_from_db()
    assert command.command_state == CommandState.SUCCEEDED
    assert told(command) == [("send", "not_executed"), ("send", "done")]
    assert len(till.money_calls(payment)) == 1


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "reset", "after": True},
        {"kind": "cut"},
        {"kind": "error", "status": 500, "after": True, "kept": False},
    ],
    ids=["reset", "cut", "500"],
)
def test_an_answer_lost_after_the_effect_is_found_by_asking(till, payment, fault):
    command = till.ask(payment, 500)
    till.fails(**fault)
    till.work()
    command.refresh_from_db()
    assert command.command_state == CommandState.UNKNOWN
    assert told(command) == [("send", "unclear")]
    till.later(seconds=11)
    command.refresh_from_db()
    assert command.command_state == CommandState.SUCCEEDED
    assert told(command) == [("send", "unclear"), ("ask", "found")]
    assert len(till.made(payment)) == 1


def test_a_call_that_broke_before_its_effect_is_made_again_after_asking(till, payment):
    command = till.ask(payment, 500)
    till.fails("reset")
    till.work()
    till.later(seconds=11)
    command.refresh_from_db()
    assert command.command_state == CommandState.SUCCEEDED
    assert told(command) == [("send", "unclear"), ("ask", "not_found"), ("send", "done")]
    assert len(till.made(payment)) == 1


def test_a_failure_that_the_processor_repeats_stays_unknown(till, payment):
    command = till.ask(payment, 500)
    till.fails("error", status=500)
    till.work()
    till.later(seconds=11)
    command.refresh_from_db()
    assert command.command_state == CommandState.UNKNOWN
    assert told(command) == [("send", "unclear"), ("ask", "not_found"), ("send", "unclear")]


def test_nobody_asks_before_it_is_time(till, payment):
    command = till.ask(payment, 500)
    till.fails("reset")
    till.work()
    till.later(seconds=5)
    assert told(command) == [("send", "unclear")]


def test_questions_come_after_seconds_then_minutes_then_hours(till, payment):
    command = till.ask(payment, 500)
    till.fails("error", status=500)
    till.work()
    since = MoneyCommand.objects.get(pk=command.pk).unknown_since
    due = []
    for _ in range(6):
        command.refresh_from_db()
        due.append(round((command.next_attempt_at - since).total_seconds()))
        till.later(seconds=(command.next_attempt_at - since).total_seconds() - due[-2] if len(due) > 1 else due[0])
    assert due == [*ASKED_AT, 900 + HOUR, 900 + 2 * HOUR]


@pytest.mark.parametrize("match", ["GET /v1/refunds", REFUNDS])
def test_an_hour_passes_only_after_an_answer_that_says_nothing(till, payment, match):
    command = till.ask(payment, 500)
    till.fails("error", status=500)
    till.work()
    till.simulator.control("POST", "/faults", kind="rate_limit", match=match, times=1)
    till.later(seconds=901)
    command.refresh_from_db()
    assert command.command_state == CommandState.UNKNOWN
    till.later(seconds=UNANSWERED_AGAIN + 1)
    command.refresh_from_db()
    assert command.command_state in (CommandState.SUCCEEDED, CommandState.UNKNOWN)
    assert [call for call, _ in told(command)][-2:] == ["ask", "send"]


def test_after_23_hours_it_is_never_sent_again(till, payment):
    command = till.ask(payment, 500)
    till.fails("error", status=500, times=None)
    till.work()
    till.later(hours=23)
    command.refresh_from_db()
    assert (command.command_state, command.failure_code) == (CommandState.FAILED, "not_executed")
    assert [call for call, _ in told(command)] == ["send", "ask"]
    assert till.left(payment).left == 2_000


def test_after_23_hours_what_was_made_is_still_found(till, payment):
    command = till.ask(payment, 500)
    till.fails("reset", after=True)
    till.work()
    till.later(hours=30)
    command.refresh_from_db()
    assert command.command_state == CommandState.SUCCEEDED


def test_an_event_settles_what_no_answer_did(till, payment):
    command = till.ask(payment, 500)
    till.fails("reset", after=True)
    till.work()
    till.hears()
    command.refresh_from_db()
    assert command.command_state == CommandState.SUCCEEDED
    assert command.state == State.DONE
    assert Refund.objects.get(payment=payment).public_id == command.public_id


def test_a_call_left_under_way_is_asked_about_first(till, payment):
    command = till.ask(payment, 500)
    lease = claim(MoneyCommand, FRESH, limit=1, now=command.requested_at)
    begin_sending([MoneyCommand.objects.get(pk__in=lease.ids)])
    till.dies()
    till.work()
    command.refresh_from_db()
    assert command.command_state == CommandState.SUCCEEDED
    assert told(command) == [("send", "lost"), ("ask", "not_found"), ("send", "done")]


def test_a_worker_that_dies_with_the_answer_leaves_one_refund(till, payment):
    command = till.ask(payment, 500)
    lease = claim(MoneyCommand, FRESH, limit=1, now=command.requested_at)
    carry_out(list(MoneyCommand.objects.filter(pk__in=lease.ids)))
    till.dies()
    till.work()
    command.refresh_from_db()
    assert command.command_state == CommandState.SUCCEEDED
    assert told(command) == [("send", "lost"), ("ask", "found")]
    assert len(till.made(payment)) == 1


def test_a_lease_that_went_to_another_sends_nothing(till, payment):
    command = till.ask(payment, 500)
    lease = claim(MoneyCommand, FRESH, limit=1, now=command.requested_at)
    row = MoneyCommand.objects.get(pk__in=lease.ids)
    till.dies()
    till.work()
    assert begin_sending([row]) == []
    assert len(till.made(payment)) == 1


def test_without_a_connection_nothing_is_sent(till, payment):
    command = till.ask(payment, 500)
    account = till.account
    account.status, account.api_key = ConnectionStatus.DISCONNECTED, None
    account.save()
    till.work()
    command.refresh_from_db()
    assert (command.command_state, command.failure_code) == (CommandState.FAILED, "not_connected")
    assert told(command) == []


def test_the_outbox_hears_of_every_state(till, payment):
    till.ask(payment, 500)
    till.work()
    states = OutboxEvent.objects.filter(type="command.changed").order_by("pk").values_list("payload__state", flat=True)
    assert list(states) == ["approved", "sending", "succeeded"]


def test_several_go_out_together_and_each_takes_effect_once(till):
    commands = [till.ask(till.sell(), 500) for _ in range(5)]
    till.work()
    assert [told(command) for command in commands] == [[("send", "done")]] * 5
    assert MoneyCommand.objects.filter(command_state=CommandState.SUCCEEDED, state=State.DONE).count() == 5
    assert all(len(till.money_calls(command.payment)) == 1 for command in commands)
    assert AuditEvent.objects.filter(action="refund.succeeded").count() == 5
    assert isinstance(verify_chain(till.account.merchant_id), Head)


def test_two_of_one_payment_go_out_together(till, payment):
    commands = [till.ask(payment, 500), till.ask(payment, 700)]
    till.work()
    assert [told(command) for command in commands] == [[("send", "done")]] * 2
    assert till.left(payment).left == 800


def test_one_without_a_clear_answer_holds_up_none_of_its_company(till):
    commands = [till.ask(till.sell(), 500) for _ in range(3)]
    till.fails("reset", after=True)
    till.work()
    states = sorted(MoneyCommand.objects.values_list("command_state", flat=True))
    assert states == [CommandState.SUCCEEDED, CommandState.SUCCEEDED, CommandState.UNKNOWN]
    till.later(seconds=ASKED_AT[0])
    assert [len(till.made(command.payment)) for command in commands] == [1, 1, 1]
    assert MoneyCommand.objects.filter(command_state=CommandState.SUCCEEDED).count() == 3


def test_an_answer_that_nobody_can_read_costs_the_others_nothing(till):
    commands = [till.ask(till.sell(), 500) for _ in range(3)]
    till.fails("error", status=200, body='{"object": "refund", "id": "re_without_anything"}')
    till.work()
    assert sorted(MoneyCommand.objects.values_list("command_state", "state", "attempts")) == [
        (CommandState.SENDING, State.PENDING, 1),
        *[(CommandState.SUCCEEDED, State.DONE, 1)] * 2,
    ]
    till.later(seconds=2)
    failed = MoneyCommand.objects.get(command_state=CommandState.UNKNOWN)
    # The processor keeps its answer for the key.
    assert (failed.attempts, failed.error.partition(":")[0]) == (2, "UnreadableObject")
    assert sorted(len(till.made(command.payment)) for command in commands) == [0, 1, 1]


def test_several_that_nobody_knows_about_are_asked_about_together(till):
    commands = [till.ask(till.sell(), 500) for _ in range(2)]
    till.fails("reset", after=True, times=2)
    till.work()
    assert MoneyCommand.objects.filter(command_state=CommandState.UNKNOWN).count() == 2
    till.later(seconds=ASKED_AT[0])
    assert [told(command) for command in commands] == [[("send", "unclear"), ("ask", "found")]] * 2
    assert [len(till.made(command.payment)) for command in commands] == [1, 1]


def test_money_does_not_wait_behind_other_work_for_a_processor():
    assert COMMANDS.asks
    assert COMMANDS.pool == "money"
