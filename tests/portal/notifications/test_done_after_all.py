"""What counted as not carried out, and was: whoever asked for it must not ask again."""

from datetime import UTC

import pytest
from django.core import mail as post

from billing.approvals.decide import approve
from billing.commands.models import CommandState, Reply
from billing.commands.settle import fail, succeed
from billing.queue.run import claim_and_run
from portal.notifications.kinds import APPROVAL_DECIDED, COMMAND_DONE_AFTER_ALL, COMMAND_FAILED
from portal.notifications.mail import MAILS
from portal.notifications.words import page_of, words
from tests.portal import asked, requests
from tests.portal.commands import write_command
from tests.portal.follow_ups import tell
from tests.portal.fragments import text_of
from tests.portal.notifications.desk import SMALL, actor, relay, told
from tests.portal.people import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def command(desk):
    command = desk.asks(SMALL)
    requests.send(command, Reply.LOST)
    return command


@pytest.fixture
def batch(desk, owner):
    """Of three, approved; who asked for it has read of that."""
    batch = asked.batch([desk.sells(SMALL) for _ in range(3)], desk.support)
    approve(approval=asked.approval_of(batch), by=actor(owner))
    return batch


def not_carried_out(command):
    fail(command=command, code="not_executed", message="")


def done(command):
    """The processor tells of what it made."""
    tell(command.payment, ("refund.created", requests.made_of(command), 900))


def send_mails():
    relay()
    while claim_and_run(MAILS):
        pass
    return [each.subject for each in post.outbox]


def test_whoever_asked_hears_that_it_was_done_after_all(desk, owner, command):
    not_carried_out(command)
    relay()
    done(command)
    relay()
    failed, corrected = told(desk.support)
    assert [failed.kind, corrected.kind] == [COMMAND_FAILED, COMMAND_DONE_AFTER_ALL]
    said = words(corrected, UTC)
    assert said.title == "Carried out after all: refund of 5.00 EUR"
    assert said.text == "It counted as not carried out, but the processor has done it. Do not ask for it again."
    assert told(owner) == []


def test_what_was_said_before_need_not_be_read_any_more(desk, command):
    not_carried_out(command)
    relay()
    assert told(desk.support, COMMAND_FAILED)[0].read_at is None
    done(command)
    relay()
    assert told(desk.support, COMMAND_FAILED)[0].read_at is not None
    assert told(desk.support, COMMAND_DONE_AFTER_ALL)[0].read_at is None


def test_known_to_be_done_it_is_not_called_undone(desk, command):
    not_carried_out(command)
    done(command)
    relay()
    assert [notice.kind for notice in told(desk.support)] == [COMMAND_DONE_AFTER_ALL]


def test_it_is_told_once(desk, command):
    not_carried_out(command)
    done(command)
    relay()
    done(command)
    relay()
    assert len(told(desk.support)) == 1


def test_it_leads_to_the_refund_that_was_made(desk, command):
    not_carried_out(command)
    done(command)
    relay()
    [notice] = told(desk.support)
    assert page_of(notice) == f"/m/{desk.merchant.slug}/test/refunds/{command.public_id}/"
    page = text_of(signed_in(desk.support).get(page_of(notice)).content.decode())
    assert "5.00 EUR Succeeded" in page
    assert "Nothing was refunded." not in page


def test_the_mail_says_so_and_none_says_the_contrary(desk, command):
    not_carried_out(command)
    relay()
    done(command)
    assert send_mails() == ["Test mode: Carried out after all: refund of 5.00 EUR"]
    assert "Do not ask for it again." in post.outbox[0].body
    assert "no money moved" not in post.outbox[0].body


def test_what_failed_for_good_is_mailed_as_before(desk, command):
    not_carried_out(command)
    assert send_mails() == ["Test mode: Not carried out: refund of 5.00 EUR"]


def test_of_a_batch_each_is_told_that_was_done_after_all(desk, batch):
    commands = list(batch.commands.order_by("pk"))
    for command in commands:
        not_carried_out(command)
    relay()
    for command in commands[:2]:
        succeed(command=command, external_id=f"re_{command.pk}")
    relay()
    notices = told(desk.support, COMMAND_DONE_AFTER_ALL)
    assert {notice.object_id for notice in notices} == {command.public_id for command in commands[:2]}
    assert [notice.object_id for notice in told(desk.support, COMMAND_FAILED)] == [batch.public_id]


@pytest.mark.parametrize("many", [2, 3])
def test_a_batch_is_mailed_as_failed_while_any_of_it_is(desk, batch, many):
    commands = list(batch.commands.order_by("pk"))
    for command in commands:
        not_carried_out(command)
    relay()
    for command in commands[:many]:
        succeed(command=command, external_id=f"re_{command.pk}")
    said = [subject for subject in send_mails() if "Not all carried out" in subject]
    assert len(said) == (1 if many < len(commands) else 0)
    assert len(told(desk.support, APPROVAL_DECIDED)) == 1


@pytest.mark.parametrize("kind", ["capture", "cancel"])
def test_captures_and_cancellations_are_told_too(desk, kind):
    command = write_command(
        desk.sells(), CommandState.SENDING, kind=kind, amount=SMALL, requested_by_id=desk.support.public_id
    )
    not_carried_out(command)
    succeed(command=command, external_id="pi_1")
    relay()
    [notice] = told(desk.support)
    what = {"capture": "capture", "cancel": "cancellation"}[kind]
    assert words(notice, UTC).title == f"Carried out after all: {what} of 5.00 EUR"
    assert page_of(notice) == f"/m/{desk.merchant.slug}/test/transactions/{command.payment.public_id}/"
