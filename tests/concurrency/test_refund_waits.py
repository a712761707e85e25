"""A refund that is asked for while somebody else holds its payment."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client

from billing.audit.models import AuditEvent
from billing.commands.models import MoneyCommand
from billing.payments.models import Payment
from tests.billing.deliveries import make_connection
from tests.concurrency.holding import Holder, Waits, holding, impatient
from tests.portal.fragments import hidden_fields
from tests.portal.payments import pay
from tests.portal.people import make_merchant, make_person, signed_in
from tests.portal.refunds import form_of, review, words

BUSY = "This payment is being changed right now. Nothing was sent: try again in a moment."


@pytest.fixture
def payment(committed_db: str) -> Payment:
    return pay(make_connection(make_merchant("acme")))


@pytest.fixture
def client(payment: Payment) -> Client:
    return signed_in(make_person(merchant=payment.merchant))


@pytest.fixture
def holder(committed_db: str, payment: Payment) -> Iterator[Holder]:
    with holding(committed_db, payment) as other:
        yield other


def test_it_is_asked_for_once_when_the_payment_is_free_again(payment: Payment, client: Client, holder: Holder) -> None:
    reviewed = hidden_fields(review(client, payment).content)
    impatient()
    waits = Waits(then=holder.rollback)
    with connection.execute_wrapper(waits):
        answer = client.post(form_of(payment), reviewed)
    assert (answer.status_code, waits.count) == (303, 1)
    assert MoneyCommand.objects.get().amount == 1230
    assert AuditEvent.objects.filter(action="refund.requested").count() == 1


def test_while_the_payment_stays_held_nothing_is_sent_and_all_that_was_typed_waits(
    payment: Payment, client: Client, holder: Holder
) -> None:
    reviewed = hidden_fields(review(client, payment, note="Zip fails.").content)
    impatient()
    waits = Waits()
    with connection.execute_wrapper(waits):
        answer = client.post(form_of(payment), reviewed)
    assert (answer.status_code, waits.count) == (409, 3)
    assert BUSY in words(answer)
    assert "Refund 12.30 EUR to Visa •••• 4242" in words(answer)
    assert not MoneyCommand.objects.exists()

    holder.rollback()
    # The same form, so that one that went through after all could not go through twice.
    again = hidden_fields(answer.content)
    assert {name: again[name] for name in ("form_key", "note")} == {
        name: reviewed[name] for name in ("form_key", "note")
    }
    assert client.post(form_of(payment), again).status_code == 303
    assert MoneyCommand.objects.get().note == "Zip fails."


def test_what_changed_while_it_waited_is_told_instead(payment: Payment, client: Client, holder: Holder) -> None:
    reviewed = hidden_fields(review(client, payment).content)
    impatient()

    def spend() -> None:
        with holder.cursor() as cursor:
            cursor.execute("UPDATE payment SET amount_refunded = 1500 WHERE id = %s", [payment.pk])
        holder.commit()

    with connection.execute_wrapper(Waits(then=spend)):
        answer = client.post(form_of(payment), reviewed)
    assert answer.status_code == 409
    assert "This changed while you looked" in words(answer)
    assert not MoneyCommand.objects.exists()
