"""A person settles what no answer did: only after the processor was asked, and only with what fits."""

import uuid
from datetime import timedelta

import pytest

from billing.approvals.models import Approval
from billing.audit.models import AuditEvent
from billing.commands import by_hand
from billing.commands.by_hand import settle_carried_out, settle_not_carried_out, try_again
from billing.commands.exchange import begin_sending
from billing.commands.kinds import DoesNotFit
from billing.commands.models import METADATA, CommandState, MoneyCommand
from billing.commands.withdraw import withdraw_command
from billing.limits.models import RoleLimit
from billing.outbox.models import OutboxEvent
from billing.providers.base import ProviderUnavailable
from billing.providers.models import ConnectionStatus
from billing.queue.claim import FRESH, claim
from billing.queue.models import State
from billing.refunds.models import Refund
from tests.billing.commands.till import told
from tests.billing.factories import TESTER

REASON = "Looked at the dashboard with Ada."


@pytest.fixture
def payment(till):
    till.keeps_time()
    return till.sell()


def lost(till, payment, amount: int = 500, **fault):
    """A command of which nobody knows what came; a minute has passed since, in which nobody asked."""
    command = till.ask(payment, amount)
    till.fails("reset", times=None, **fault)
    till.work()
    till.waits(seconds=61)
    till.mends()
    return fresh(command)


def fresh(command):
    return MoneyCommand.objects.select_related("payment").get(pk=command.pk)


def dashboard(till, payment, amount: int = 500, **more):
    """A refund that somebody makes at the processor."""
    given = {"charge": payment.external_charge_id, "amount": amount, **more}
    return till.client.v1.refunds.create(given).id


def not_carried_out(command):
    settle_not_carried_out(command=command, reason=REASON, by=TESTER)


def carried_out(command, external_id):
    settle_carried_out(command=command, external_id=external_id, reason=REASON, by=TESTER)


def trail(command, action="refund.settled_by_hand"):
    return AuditEvent.objects.filter(action=action, object_id=command.public_id)


def test_nothing_was_done_when_the_processor_has_nothing(till, payment):
    command = lost(till, payment)
    not_carried_out(command)
    command = fresh(command)
    assert (command.command_state, command.failure_code) == (CommandState.FAILED, "not_executed")
    assert command.state == State.DONE
    assert told(command) == [("send", "unclear"), ("ask", "not_found")]
    assert till.left(payment).left == 2_000


def test_the_trail_says_who_settled_it_and_why(till, payment):
    command = lost(till, payment)
    not_carried_out(command)
    row = trail(command).get()
    assert (row.actor_label, row.reason) == (TESTER.label, REASON)
    assert (row.before, row.after["state"]) == ({"state": "unknown"}, "failed")
    assert not trail(command, "refund.failed").exists()
    states = OutboxEvent.objects.filter(type="command.changed").order_by("pk").values_list("payload__state", flat=True)
    assert list(states)[-1] == "failed"


def test_what_was_settled_is_never_sent_again(till, payment):
    command = lost(till, payment)
    not_carried_out(command)
    till.later(hours=1)
    assert till.made(payment) == []


def test_nothing_is_said_to_be_undone_that_the_processor_has(till, payment):
    command = lost(till, payment, after=True)
    with pytest.raises(by_hand.CarriedOut) as refused:
        not_carried_out(command)
    assert refused.value.external_id == till.made(payment)[0].id
    assert fresh(command).command_state == CommandState.UNKNOWN


def test_what_went_out_a_moment_ago_may_still_take_effect(till, payment):
    command = till.ask(payment, 500)
    till.fails("reset")
    till.work()
    till.waits(seconds=59)
    with pytest.raises(by_hand.SentLately):
        not_carried_out(fresh(command))
    assert fresh(command).command_state == CommandState.UNKNOWN


def test_a_processor_that_does_not_answer_leaves_it_open(till, payment):
    command = lost(till, payment)
    till.simulator.control("POST", "/faults", kind="reset", match="GET /v1/refunds", times=None)
    with pytest.raises(ProviderUnavailable):
        not_carried_out(command)
    assert fresh(command).command_state == CommandState.UNKNOWN
    assert told(command)[-1] == ("ask", "unavailable")


def test_without_a_connection_nobody_can_ask(till, payment):
    command = lost(till, payment)
    account = till.account
    account.status, account.api_key = ConnectionStatus.DISCONNECTED, None
    account.save()
    with pytest.raises(by_hand.NotConnected):
        not_carried_out(command)


def test_a_call_under_way_is_waited_for(till, payment):
    command = lost(till, payment)
    MoneyCommand.objects.filter(pk=command.pk).update(next_attempt_at=None)
    claim(MoneyCommand, FRESH, limit=1, now=command.requested_at + timedelta(hours=1))
    for settle in (not_carried_out, lambda each: carried_out(each, "re_1"), retry):
        with pytest.raises(by_hand.CallUnderWay):
            settle(fresh(command))


def test_a_call_that_begins_meanwhile_is_waited_for(till, payment):
    command = lost(till, payment)
    MoneyCommand.objects.filter(pk=command.pk).update(next_attempt_at=None)
    claim(MoneyCommand, FRESH, limit=1, now=command.requested_at + timedelta(hours=1))
    # Read before the worker took it.
    with pytest.raises(by_hand.CallUnderWay):
        not_carried_out(command)


@pytest.mark.parametrize("reason", ["", "  \n "])
def test_a_reason_is_needed(till, payment, reason):
    command = lost(till, payment)
    with pytest.raises(by_hand.ReasonMissing):
        settle_not_carried_out(command=command, reason=reason, by=TESTER)
    with pytest.raises(by_hand.ReasonTooLong):
        settle_not_carried_out(command=command, reason="x" * 501, by=TESTER)


def test_what_goes_on_by_itself_is_not_settled(till, payment):
    command = till.ask(payment, 500)
    with pytest.raises(by_hand.NotInDoubt):
        not_carried_out(command)
    till.work()
    with pytest.raises(by_hand.NotInDoubt):
        not_carried_out(fresh(command))


def test_two_people_settle_it_once(till, payment):
    command = lost(till, payment)
    not_carried_out(fresh(command))
    with pytest.raises(by_hand.NotInDoubt):
        not_carried_out(command)
    assert trail(command).count() == 1


def test_a_person_names_the_refund_that_was_made_instead(till, payment):
    command = lost(till, payment)
    made = dashboard(till, payment)
    carried_out(command, made)
    command = fresh(command)
    assert (command.command_state, command.external_id) == (CommandState.SUCCEEDED, made)
    assert trail(command).get().after == {"state": "succeeded", "external_id": made}
    assert not trail(command, "refund.succeeded").exists()


def test_what_it_spent_stays_spent(till, payment):
    command = lost(till, payment)
    carried_out(command, dashboard(till, payment))
    assert till.left(payment).left == 1_500
    assert till.left(payment).under_way == 0
    till.hears()
    assert till.left(payment).left == 1_500
    assert Refund.objects.filter(payment=payment).count() == 1


def test_its_own_refund_takes_its_name(till, payment):
    command = lost(till, payment, after=True)
    made = till.made(payment)[0].id
    carried_out(command, made)
    assert Refund.objects.get(payment=payment).public_id == command.public_id
    assert trail(command).exists()


def test_another_refund_is_not_named_beside_its_own(till, payment):
    command = lost(till, payment, after=True)
    with pytest.raises(by_hand.CarriedOut):
        carried_out(command, dashboard(till, payment))


def test_the_processor_must_have_what_is_named(till, payment):
    with pytest.raises(by_hand.NothingOfThatId):
        carried_out(lost(till, payment), "re_nobody")


def test_what_is_named_must_fit(till, payment):
    command, other = lost(till, payment), till.sell()
    for misfit, made in [
        ("amount", dashboard(till, payment, 400)),
        ("charge", dashboard(till, other)),
        ("command", dashboard(till, payment, metadata={METADATA: str(uuid.uuid4())})),
    ]:
        with pytest.raises(DoesNotFit) as refused:
            carried_out(command, made)
        assert refused.value.misfit == misfit
    assert fresh(command).command_state == CommandState.UNKNOWN


def test_what_was_made_before_it_was_asked_for_is_another(till, payment):
    made = dashboard(till, payment)
    till.hears()
    till.waits(minutes=5)
    with pytest.raises(DoesNotFit) as refused:
        carried_out(lost(till, payment), made)
    assert refused.value.misfit == "time"


def test_a_refund_settles_one_command_only(till, payment):
    first, second = lost(till, payment), lost(till, payment)
    made = dashboard(till, payment)
    carried_out(first, made)
    with pytest.raises(DoesNotFit) as refused:
        carried_out(second, made)
    assert refused.value.misfit == "command"


def test_what_was_never_sent_was_not_carried_out(till, payment):
    command = till.ask(payment, 500)
    MoneyCommand.objects.update(state=State.DEAD, attempts=8)
    with pytest.raises(by_hand.NeverSent):
        carried_out(fresh(command), dashboard(till, payment))
    not_carried_out(fresh(command))
    assert fresh(command).command_state == CommandState.FAILED
    assert told(command) == []


def test_a_call_whose_worker_died_each_time_can_be_settled(till, payment):
    command = till.ask(payment, 500)
    lease = claim(MoneyCommand, FRESH, limit=1, now=command.requested_at)
    begin_sending([MoneyCommand.objects.get(pk__in=lease.ids)])
    MoneyCommand.objects.update(state=State.DEAD, attempts=8)
    till.waits(seconds=61)
    not_carried_out(fresh(command))
    assert fresh(command).command_state == CommandState.FAILED
    assert told(command) == [("send", "lost"), ("ask", "not_found")]


def retry(command):
    try_again(command=command, by=TESTER)


def test_a_dead_command_is_tried_again(till, payment):
    command = till.ask(payment, 500)
    MoneyCommand.objects.update(state=State.DEAD, attempts=8, error="ValueError: x")
    till.work()
    assert told(command) == []
    retry(command)
    till.work()
    assert fresh(command).command_state == CommandState.SUCCEEDED
    row = trail(command, "refund.tried_again").get()
    assert (row.before, row.after) == ({"attempts": 8}, {"attempts": 0})


def test_an_unknown_one_is_asked_about_at_once(till, payment):
    command = till.ask(payment, 500)
    till.fails("reset", after=True)
    till.work()
    till.work()
    assert told(command) == [("send", "unclear")]
    retry(command)
    till.work()
    assert told(command) == [("send", "unclear"), ("ask", "found")]


def test_what_ended_or_waits_for_somebody_is_not_tried_again(till, payment):
    command = till.ask(payment, 500)
    till.work()
    with pytest.raises(by_hand.NotInDoubt):
        retry(command)
    assert not trail(command, "refund.tried_again").exists()


def settled_too_early(till, payment):
    """A person said that nothing was done, and the processor did it later."""
    command = lost(till, payment)
    not_carried_out(command)
    made = dashboard(till, payment, metadata={METADATA: str(command.key)})
    return command, made


def test_a_refund_that_appears_after_all_contradicts(till, payment):
    command, made = settled_too_early(till, payment)
    till.hears()
    command = fresh(command)
    assert (command.command_state, command.external_id) == (CommandState.FAILED, made)
    row = trail(command, "refund.contradicted").get()
    assert row.after == {"state": "failed", "external_id": made}
    assert till.left(payment).left == 1_500


def test_what_moved_after_all_counts_for_the_limit_again(till, payment):
    till.hears()
    place = {"merchant": payment.merchant, "livemode": False, "role": "owner", "action": "refund", "currency": "EUR"}
    RoleLimit.objects.create(**place, single=800, daily=90_000)
    settled_too_early(till, payment)
    assert not waits_for_somebody(till, payment)
    till.hears()
    assert waits_for_somebody(till, payment)


def waits_for_somebody(till, payment):
    asked = till.ask(payment, 400)
    withdraw_command(command=asked, by=TESTER)
    return Approval.objects.filter(object_id=asked.public_id).exists()


def test_a_contradiction_is_recorded_once(till, payment):
    command, made = settled_too_early(till, payment)
    till.hears()
    till.client.v1.refunds.update(made, {"metadata": {"seen": "again"}})
    till.hears()
    assert trail(command, "refund.contradicted").count() == 1


def test_what_succeeded_is_contradicted_by_nothing(till, payment):
    command = till.ask(payment, 500)
    till.work()
    till.hears()
    assert not trail(command, "refund.contradicted").exists()
