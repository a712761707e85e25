"""The database lets nobody change what was asked for, nor begin anew what ended."""

import pytest
from django.db import IntegrityError

from billing.commands import settle
from billing.commands.models import CommandState, MoneyCommand
from tests.billing.factories import TESTER


@pytest.fixture
def command(till):
    return till.ask(till.sell(), 500)


def update(command: MoneyCommand, **columns):
    MoneyCommand.objects.filter(pk=command.pk).update(**columns)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        *(("amount", 1), ("currency", "USD"), ("parameters", {}), ("requested_by_id", "8"), ("livemode", True)),
        ("key", "00000000-0000-4000-8000-000000000000"),
    ],
)
def test_what_was_asked_for_stays(command, column, value):
    with pytest.raises(IntegrityError, match="as it was asked for"):
        update(command, **{column: value})


@pytest.mark.parametrize("state", [CommandState.APPROVED, CommandState.SENDING, CommandState.SUCCEEDED])
def test_what_ended_does_not_begin_again(command, state):
    settle.withdraw(command=command, by=TESTER)
    with pytest.raises(IntegrityError, match="ends once"):
        update(command, command_state=state, settled_at=None, first_sent_at=command.requested_at)


def test_what_was_sent_is_not_withdrawn(command):
    update(command, command_state=CommandState.SENDING, first_sent_at=command.requested_at)
    with pytest.raises(IntegrityError, match="ends once"):
        update(command, command_state=CommandState.CANCELLED, settled_at=command.requested_at)


def test_when_it_was_first_sent_is_said_once(command):
    update(command, command_state=CommandState.SENDING, first_sent_at=command.requested_at)
    with pytest.raises(IntegrityError, match="as it was asked for"):
        update(command, first_sent_at=None)
