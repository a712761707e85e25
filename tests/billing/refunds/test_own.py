"""Metadata at the processor is anybody's to write: a key in it must fit what was sent."""

import uuid

import pytest

from billing.commands.models import METADATA, CommandState
from billing.refunds.models import Refund


@pytest.fixture
def payment(till):
    return till.sell()


def lost(till, payment, amount: int = 500):
    """A command of which nobody knows what came."""
    command = till.ask(payment, amount)
    till.fails("reset")
    till.work()
    return command


def forge(till, payment, key: object, amount: int = 500):
    charge = payment.external_charge_id
    made = till.client.v1.refunds.create({"charge": charge, "amount": amount, "metadata": {METADATA: str(key)}})
    till.hears()
    return Refund.objects.get(external_id=made.id)


def test_a_refund_of_another_amount_is_not_its_own(till, payment):
    command = lost(till, payment)
    refund = forge(till, payment, command.key, amount=400)
    command.refresh_from_db()
    assert command.command_state == CommandState.UNKNOWN
    assert refund.public_id != command.public_id


def test_a_refund_of_another_payment_is_not_its_own(till, payment):
    command = lost(till, payment)
    refund = forge(till, till.sell(), command.key)
    command.refresh_from_db()
    assert command.command_state == CommandState.UNKNOWN
    assert refund.public_id != command.public_id


def test_a_command_makes_one_refund_only(till, payment):
    command = till.ask(payment, 500)
    till.work()
    refund = forge(till, payment, command.key)
    assert refund.public_id != command.public_id
    assert Refund.objects.filter(payment=payment).count() == 2


def test_a_key_that_is_not_known_names_nothing(till, payment):
    assert forge(till, payment, uuid.uuid4()).public_id.startswith("ref_")


def test_words_that_are_no_key_name_nothing(till, payment):
    assert forge(till, payment, "my own words").public_id.startswith("ref_")


def test_a_command_that_was_never_sent_made_nothing(till, payment):
    command = till.ask(payment, 500)
    refund = forge(till, payment, command.key)
    command.refresh_from_db()
    assert command.command_state == CommandState.APPROVED
    assert refund.public_id != command.public_id
