"""Doubts are settled by what the processor says, over HTTP."""

import json
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from billing import clock
from billing.mirror.ask import Wanted, ask
from billing.mirror.models import Refetch
from billing.mirror.refetch import REFETCH, ask_again
from billing.payments.models import Payment, PaymentActivity
from billing.providers.base import Kind
from billing.providers.models import ConnectionStatus, ProviderAccount
from billing.queue.models import State
from billing.queue.run import claim_and_run
from tests.billing.deliveries import deliver_all
from tests.simulator.processes import Simulator

Event = dict[str, Any]


@pytest.fixture
def told(simulator: Simulator, key: str) -> Callable[[str], list[Event]]:
    """The processor's events about an object, oldest first."""

    def events(object_id: str) -> list[Event]:
        page = json.loads(str(simulator.client(key).raw_request("get", "/v1/events", limit=100).body))
        found = [event for event in reversed(page["data"]) if event["data"]["object"]["id"] == object_id]
        return [{**event, "livemode": False} for event in found]

    return events


def settle() -> None:
    """Ask for everything that is in doubt, without its pause."""
    Refetch.objects.exclude(state=State.DONE).update(next_attempt_at=None)
    claim_and_run(REFETCH)


def wavering(simulator: Simulator, key: str) -> Any:
    """An intent that went to authentication and back within one second."""
    client = simulator.client(key)
    intent = client.v1.payment_intents.create(
        {
            "amount": 2000,
            "currency": "eur",
            "payment_method": "pm_card_authenticationRequired",
            "confirm": True,
            "return_url": "https://shop.example/",
        }
    )
    client.raw_request("post", f"/v1/test_helpers/payment_intents/{intent.id}/authenticate", succeed="false")
    return client.v1.payment_intents.retrieve(intent.id)


@pytest.mark.parametrize("backwards", [False, True])
def test_a_second_that_ranks_cannot_order_ends_as_the_processor_has_it(account, simulator, key, told, backwards):
    intent = wavering(simulator, key)
    events = told(intent.id)
    deliver_all(account, events[::-1] if backwards else events)
    assert Refetch.objects.get().reason == "same second"
    settle()
    payment = Payment.objects.get()
    assert payment.provider_status == intent.status == "requires_payment_method"
    assert payment.status == "failed"
    assert Refetch.objects.get().state == State.DONE


def test_many_doubts_about_one_object_are_one_question(account):
    ask(
        [
            Wanted(account.pk, Kind.CHARGE, "ch_1", "same second"),
            Wanted(account.pk, Kind.CHARGE, "ch_1", "went backwards"),
        ]
    )
    ask([Wanted(account.pk, Kind.CHARGE, "ch_1", "unknown state")])
    row = Refetch.objects.get()
    assert (row.ticket, row.state, row.reason) == (2, State.PENDING, "unknown state")


def test_an_object_that_the_processor_does_not_know_is_marked(account, told, simulator, key):
    intent = wavering(simulator, key)
    deliver_all(account, told(intent.id)[:1])
    Payment.objects.update(external_id="pi_nobody")
    ask([Wanted(account.pk, Kind.INTENT, "pi_nobody", "unknown state")])
    settle()
    payment = Payment.objects.get()
    assert payment.unconfirmed_since is not None
    assert payment.provider_status == "requires_payment_method"


def test_a_doubt_that_comes_while_the_answer_is_on_its_way_is_asked_for_again(account, simulator, key):
    intent = wavering(simulator, key)
    ask([Wanted(account.pk, Kind.INTENT, intent.id, "same second")])
    row = Refetch.objects.get()
    work = ask_again([row])
    ask([Wanted(account.pk, Kind.INTENT, intent.id, "went backwards")])
    verdict = work([row])[row.pk]
    assert type(verdict).__name__ == "Later"
    assert Payment.objects.get().provider_status == intent.status


def test_an_answer_leaves_a_line_that_says_what_it_repaired(account, simulator, key, told):
    intent = wavering(simulator, key)
    deliver_all(account, told(intent.id))
    Payment.objects.update(provider_status="processing")
    ask([Wanted(account.pk, Kind.INTENT, intent.id, "same second")])
    settle()
    line = PaymentActivity.objects.get(source="refetch")
    assert (line.type, line.event) == ("mirror.repaired", None)
    assert ["status", "processing", "requires_payment_method"] in line.changes


def test_a_processor_that_is_away_uses_up_no_attempt(account, simulator):
    ProviderAccount.objects.update(api_base="http://127.0.0.1:9")
    ask([Wanted(account.pk, Kind.INTENT, "pi_1", "same second")])
    for _ in range(3):
        settle()
    row = Refetch.objects.get()
    assert (row.state, row.attempts) == (State.PENDING, 0)
    assert row.next_attempt_at > clock.now() + timedelta(seconds=2)
    assert row.error


def test_a_disconnected_account_is_not_asked(account, simulator, key):
    intent = wavering(simulator, key)
    ask([Wanted(account.pk, Kind.INTENT, intent.id, "same second")])
    ProviderAccount.objects.update(status=ConnectionStatus.DISCONNECTED, api_key=None)
    settle()
    assert not Payment.objects.exists()
    assert Refetch.objects.get().state == State.DONE


def test_no_account_takes_more_than_its_share_of_a_look(account, simulator):
    ask(Wanted(account.pk, Kind.INTENT, f"pi_{number}", "same second") for number in range(13))
    settle()
    assert Refetch.objects.filter(state=State.PENDING).count() == 3


def test_looks_that_follow_each_other_ask_an_account_for_ten_objects_a_second(account, simulator):
    ask(Wanted(account.pk, Kind.INTENT, f"pi_{number}", "same second") for number in range(40))
    began = time.monotonic()
    for _ in range(4):
        settle()
    most = 10 + 10 * (time.monotonic() - began)
    assert 10 <= Refetch.objects.filter(state=State.DONE).count() <= most
