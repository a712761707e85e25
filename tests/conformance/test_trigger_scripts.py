"""Each script of Stripe's command line runs through, and the event that it is named after arrives signed."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
import stripe

from tests.conformance.trigger_scripts import Runner, Script, StepFailed, corpora, scripts
from tests.simulator.processes import Receiver, Simulator, receiving, running
from tests.simulator.worlds import unlike_stripe

pytestmark = pytest.mark.skipif(not corpora, reason="COUNTERFOIL_CORPORA names no folder with stripe-cli-triggers")

WEEK = 7 * 24 * 3600
# What is not there: the address that is refused, and the scripts that need it.
LACKING = {
    "/v1/billing/": [
        "v1.billing.meter.error_report_triggered",
    ],
    "/v1/billing_portal/": [
        *("billing_portal.configuration.created", "billing_portal.configuration.updated"),
        "billing_portal.session.created",
    ],
    "/v1/identity/": [
        *("identity.verification_session.canceled", "identity.verification_session.created"),
        "identity.verification_session.redacted",
    ],
    "/v1/issuing/": [
        *("issuing_authorization.request", "issuing_authorization.request.eu", "issuing_authorization.request.gb"),
        *("issuing_card.created", "issuing_card.created.eu", "issuing_card.created.gb", "issuing_cardholder.created"),
        *("issuing_cardholder.created.eu", "issuing_cardholder.created.gb", "issuing_transaction.created"),
        *("issuing_transaction.purchase_details_receipt_updated", "issuing_transaction.updated"),
    ],
    # It would begin a subscription.
    "/v1/quotes/${quote:id}/accept": ["quote.accepted"],
    "/v1/subscription_schedules": [
        *("subscription_schedule.aborted", "subscription_schedule.canceled", "subscription_schedule.completed"),
        *("subscription_schedule.created", "subscription_schedule.expiring", "subscription_schedule.released"),
        "subscription_schedule.updated",
    ],
    "/v1/subscriptions": [
        *("customer.subscription.created", "customer.subscription.deleted", "customer.subscription.paused"),
        *("customer.subscription.trial_will_end", "customer.subscription.updated", "subscription.payment_failed"),
        "subscription.payment_succeeded",
    ],
    "/v2/": [
        "v1.billing.meter.no_meter_found",
    ],
}
WITHOUT = {name: path for path, names in LACKING.items() for name in names}
# All its steps may fail, and refer to each other's answers: no run has the errors and the references both.
TOLERANT = {"checkout.session.async_payment_failed"}
# They move all that their own payment brings, which after its fee is less: the account must have something before.
FUNDED = {"transfer.created", "transfer.reversed", "transfer.updated"}


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """What the scripts leave in it is held against the schemas in the end."""
    folder = tmp_path_factory.mktemp("simulator")
    with running(folder) as simulator:
        yield simulator
    with closing(sqlite3.connect(folder / "simulator.sqlite3")) as db:
        assert unlike_stripe(db) == []


@pytest.fixture(scope="module")
def ear() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def names() -> list[str]:
    return sorted(scripts())


@pytest.mark.parametrize("name", [name for name in names() if name not in WITHOUT])
def test_a_script_causes_its_event(name: str, simulator: Simulator, ear: Receiver) -> None:
    key, script = f"sk_test_{name.replace('.', '')}", scripts()[name]
    if name in FUNDED:
        simulator.client(key).v1.payment_intents.create(
            {"amount": 5000, "currency": "usd", "payment_method": "pm_card_bypassPending", "confirm": True}
        )
    with listening(simulator.client(key), ear) as secrets:
        Runner(simulator.url, key, tolerant=name in TOLERANT).run(script)
        simulator.control("POST", "/deliveries/settle")
        if not set(script.events) <= verified(ear, secrets):
            # What Stripe does in its own time.
            simulator.control("POST", "/clock", advance=WEEK)
        assert set(script.events) <= verified(ear, secrets)


@pytest.mark.parametrize("name", sorted(WITHOUT) if corpora else [])
def test_a_script_that_lacks_an_object_fails_there(name: str, simulator: Simulator) -> None:
    with pytest.raises(StepFailed) as failed:
        Runner(simulator.url, f"sk_test_{name.replace('.', '')}").run(scripts()[name])
    assert failed.value.path.startswith(WITHOUT[name])
    assert re.search("Unrecognized request URL|not simulated", str(failed.value))


@pytest.mark.parametrize(
    ("step", "why"),
    [
        ({"path": "/v1/customers/${customer:id}"}, "nothing is at customer:id"),
        ({"path": "/v1/customers/${made:sources.data.0.id}"}, "nothing is at made:sources"),
        ({"path": "/v1/customers", "params": {"surprise": "x"}}, "expected success"),
        ({"path": "/v1/customers", "expected_error_type": "card_error"}, "expected card_error"),
        ({"path": "/v1/charges", "expected_error_type": "card_error"}, "expected card_error"),
    ],
)
def test_a_runner_overlooks_nothing(step: dict[str, Any], why: str, simulator: Simulator) -> None:
    steps = [{"name": "made", "method": "post", "path": "/v1/customers"}, {"name": "next", "method": "post", **step}]
    with pytest.raises(StepFailed, match=why):
        Runner(simulator.url, "sk_test_runner").run(Script("a.script", [], steps))


def test_every_script_is_held_to_one_of_the_two() -> None:
    assert len(names()) == 121
    assert WITHOUT.keys() <= set(names())


@contextmanager
def listening(client: stripe.StripeClient, ear: Receiver) -> Iterator[list[str]]:
    """The secrets of two endpoints: one hears of this account, one of the accounts connected to it."""
    made = [
        client.v1.webhook_endpoints.create({"url": ear.url, "enabled_events": ["*"], "connect": connect})
        for connect in (False, True)
    ]
    ear.received.clear()
    try:
        yield [str(endpoint.secret) for endpoint in made]
    finally:
        for endpoint in made:
            client.v1.webhook_endpoints.delete(endpoint.id)


def verified(ear: Receiver, secrets: list[str]) -> set[str]:
    """The types of what arrived; every one must carry the signature of its endpoint."""
    own, connected = secrets
    return {
        stripe.Webhook.construct_event(
            delivered.body, delivered.signature, connected if "account" in delivered.event else own
        ).type
        for delivered in list(ear.received)
    }
