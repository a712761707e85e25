"""What only a real connection shows: the unmodified package against the process."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import stripe

from tests.simulator.processes import Receiver, Simulator, start


def test_the_package_works_with_it(simulator: Simulator) -> None:
    client = simulator.client("sk_test_wire")
    made = [client.v1.customers.create({"email": f"{number}@b.example"}).id for number in range(12)]
    listed = [doc.id for doc in client.v1.customers.list({"limit": 5}).auto_paging_iter()]
    assert listed == made[::-1]
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.customers.retrieve("cus_none")
    assert (refused.value.code, refused.value.http_status) == ("resource_missing", 404)
    assert refused.value.request_id
    with pytest.raises(stripe.AuthenticationError):
        simulator.client("sk_live_wire").v1.customers.list()


def test_events_arrive_signed(simulator: Simulator, receiver: Receiver) -> None:
    client = simulator.client("sk_test_signed")
    events = ["customer.created"]
    endpoint = client.v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": events})
    made = client.v1.customers.create({"email": "a@b.example"})
    client.v1.customers.update(made.id, {"name": "Bo"})
    simulator.control("POST", "/deliveries/settle")
    [delivered] = receiver.received
    event = stripe.Webhook.construct_event(delivered.body, delivered.signature, endpoint.secret)
    assert (event.type, event.data.object["id"], event.pending_webhooks) == ("customer.created", made.id, 1)
    assert client.v1.events.retrieve(event.id).pending_webhooks == 0


def test_a_rolled_secret_and_its_successor_both_sign(simulator: Simulator, receiver: Receiver) -> None:
    client = simulator.client("sk_test_rolled")
    endpoint = client.v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["*"]})
    fresh = simulator.control("POST", f"/webhook_endpoints/{endpoint.id}/roll", expires_in=60)["secret"]
    client.v1.customers.create()
    simulator.control("POST", "/deliveries/settle")
    simulator.control("POST", "/clock", advance=61)
    client.v1.customers.create()
    simulator.control("POST", "/deliveries/settle")
    signed_twice, signed_once = receiver.received
    for secret in (endpoint.secret, fresh):
        assert stripe.Webhook.construct_event(signed_twice.body, signed_twice.signature, secret)
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(signed_once.body, signed_once.signature, endpoint.secret)


def test_fifty_equal_requests_at_once_have_one_effect(simulator: Simulator) -> None:
    client = simulator.client("sk_test_fifty", retries=20)
    together = threading.Barrier(25)

    def create(_: int) -> str:
        together.wait()
        return client.v1.customers.create({"email": "a@b.example"}, {"idempotency_key": "order-1"}).id

    with ThreadPoolExecutor(25) as threads:
        names = set(threads.map(create, range(50)))
    assert [doc.id for doc in client.v1.customers.list().data] == list(names)


def test_an_equal_request_meanwhile_is_a_conflict(simulator: Simulator) -> None:
    client = simulator.client("sk_test_meanwhile")
    simulator.control("POST", "/faults", kind="latency", match="POST /v1/products", seconds=0.3)
    with ThreadPoolExecutor(1) as threads:
        options: stripe.RequestOptions = {"idempotency_key": "order-1"}
        slow = threads.submit(client.v1.products.create, {"name": "Shirt"}, options)
        while simulator.control("GET", "/faults"):
            pass
        with pytest.raises(stripe.APIError) as conflict:
            client.v1.products.create({"name": "Shirt"}, options)
    assert conflict.value.http_status == 409
    assert slow.result().id == client.v1.products.create({"name": "Shirt"}, options).id


def test_an_answer_lost_after_the_effect_is_found_again_by_its_key(simulator: Simulator) -> None:
    simulator.control("POST", "/faults", kind="reset", match="POST /v1/products", after=True)
    client = simulator.client("sk_test_lost")
    with pytest.raises(stripe.APIConnectionError):
        client.v1.products.create({"name": "Shirt"}, {"idempotency_key": "order-1"})
    [there] = client.v1.products.list().data
    assert client.v1.products.create({"name": "Shirt"}, {"idempotency_key": "order-1"}).id == there.id


def test_a_connection_that_breaks_before_the_effect_leaves_nothing(simulator: Simulator) -> None:
    simulator.control("POST", "/faults", kind="reset", match="POST /v1/products")
    client = simulator.client("sk_test_unborn")
    with pytest.raises(stripe.APIConnectionError):
        client.v1.products.create({"name": "Shirt"})
    assert client.v1.products.list().data == []


def test_a_body_is_cut_in_half(simulator: Simulator) -> None:
    simulator.control("POST", "/faults", kind="cut", match="GET /v1/products")
    client = simulator.client("sk_test_cut")
    with pytest.raises(stripe.APIConnectionError):
        client.v1.products.list()
    assert client.v1.products.list().data == []


def test_a_refused_delivery_is_tried_again_when_its_time_comes(simulator: Simulator, receiver: Receiver) -> None:
    client = simulator.client("sk_test_again")
    client.v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["*"]})
    receiver.answers = [500, 302]
    client.v1.customers.create()
    simulator.control("POST", "/deliveries/settle")
    assert len(receiver.received) == 1
    assert [event.type for event in client.v1.events.list({"delivery_success": False}).data] == ["customer.created"]
    simulator.control("POST", "/clock", advance=300)
    assert len(receiver.received) == 2
    simulator.control("POST", "/clock", advance=3600)
    assert len(receiver.received) == 3
    assert client.v1.events.list({"delivery_success": False}).data == []
    assert len({delivered.event["id"] for delivered in receiver.received}) == 1


def test_what_was_committed_survives_a_kill(tmp_path: Path) -> None:
    first = start(tmp_path)
    made = first.client().v1.customers.create({"email": "a@b.example"}, {"idempotency_key": "order-1"}).id
    first.kill()
    second = start(tmp_path)
    try:
        assert second.client().v1.customers.retrieve(made).email == "a@b.example"
        assert second.client().v1.customers.create({"email": "a@b.example"}, {"idempotency_key": "order-1"}).id == made
        assert second.client().v1.customers.create().id != made
    finally:
        second.kill()
