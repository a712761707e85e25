"""One tab captures a payment while another cancels it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.test import Client

from billing.commands.models import MoneyCommand
from billing.payments.models import Payment
from tests.billing.deliveries import make_connection
from tests.portal.holds import issue
from tests.portal.payments import authorise
from tests.portal.people import make_merchant, make_person, signed_in

TABS = ("capture", "cancel", "capture", "cancel")


@pytest.fixture
def payment(committed_db: str) -> Payment:
    return authorise(make_connection(make_merchant("acme")))


def at_once(calls: list[Callable[[], int]]) -> list[int]:
    start = Barrier(len(calls))

    def run(call: Callable[[], int]) -> int:
        start.wait()
        try:
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


def test_one_of_them_wins_and_the_others_are_told(payment: Payment) -> None:
    people = [make_person(f"p{number}@acme.example", merchant=payment.merchant) for number in range(len(TABS))]
    clients = [signed_in(person) for person in people]

    def sends(client: Client, action: str) -> Callable[[], int]:
        return lambda: issue(client, payment, action).status_code

    answers = at_once([sends(client, action) for client, action in zip(clients, TABS, strict=True)])
    assert sorted(answers) == [303, 409, 409, 409]
    assert MoneyCommand.objects.count() == 1
